"""What the rows of a partition have in common: computed once for each partition, and looked up for each row."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from pixeltable.exec.context import Context
from pixeltable.plan.stages import ShareStage

Tables = Iterator[pa.Table]


def share(context: Context, stage: ShareStage, stream: Tables) -> Tables:
    """The rows in their order, with the fields of the stage."""
    table = pa.concat_tables(list(stream))
    statement = context.relational.run(stage.sql, [table])
    shared = pa.Table.from_batches(context.operation.timings.each('sql', statement)).combine_chunks()
    places = pc.index_in(table.column(stage.key), value_set=shared.column(0).combine_chunks())
    for name in stage.names:
        table = table.append_column(name, shared.column(name).take(places))
    yield table
