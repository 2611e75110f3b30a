"""The rows that an operation has just written, by their ids: what `return_rows=True` gives."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.exec.engine import Engine
from pixeltable.exec.inherited import positions_of_ids
from pixeltable.exec.operators.evaluate import evaluate
from pixeltable.exprs.bind import field_name
from pixeltable.plan.logical import Named
from pixeltable.types.arrow import storage_type
from pixeltable.types.column_type import ColumnType


def rows_by_id(
    engine: Engine, table_id: str, commit: int | None, ids: NDArray[np.int64]
) -> tuple[pa.Table, dict[str, ColumnType]]:
    """The rows with `ids`, in that order, as `commit` sees them: all columns in their storage types, and their types by name."""
    source = engine.source(table_id, commit)
    schema = source.schema
    values = [name for name, column in source.columns.items() if column.part == 'value']
    rows = source.fetch(values, positions_of_ids(source, ids))
    unstored = [
        Named(field_name(column.id), engine.resolver.bind(schema, engine.resolver.unbound(schema, column)))
        for column in schema.columns
        if not column.stored
    ]
    if unstored and rows.num_rows:
        rows = pa.concat_tables(list(evaluate(engine.context, unstored, iter([rows]))))
    types = {
        column.name: column.type.with_nullable(column.type.nullable or column.is_computed) for column in schema.columns
    }
    arrow = pa.schema([(name, storage_type(type_)) for name, type_ in types.items()])
    if not rows.num_rows:
        return arrow.empty_table(), types
    named = rows.select([field_name(column.id) for column in schema.columns]).rename_columns(list(types))
    return named.cast(arrow), types
