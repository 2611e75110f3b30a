"""Primary keys: no two live rows of a table have the same values in the key columns."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pixeltable.catalog.records import Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.engine import Engine
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import field_name
from pixeltable.exprs.sql import identifier


def check_keys(engine: Engine, schema: Schema, sources: Sequence[Source]) -> None:
    """Raises CONSTRAINT_VIOLATION if a key occurs twice in all rows of `sources`: those that exist, and those to be added."""
    keys = [field_name(column_id) for column_id in schema.table.primary_key]
    names = ', '.join(identifier(key) for key in keys)
    rows = (table for source in sources for table in source.read(keys))
    sql = f'SELECT {names} FROM input GROUP BY {names} HAVING count(*) > 1 LIMIT 1'
    found = pa.Table.from_batches(engine.context.relational.run(sql, rows))
    if found.num_rows:
        columns = [schema.by_id(column_id) for column_id in schema.table.primary_key]
        values = zip(columns, found.to_pylist()[0].values(), strict=True)
        text = ', '.join(f'{column.name} = {value!r}' for column, value in values if column is not None)
        raise RequestError(
            ErrorCode.CONSTRAINT_VIOLATION,
            f'insert into {schema.table.path!r}: there is a row with primary key {text} already; '
            'update that row, or insert other keys.',
        )
