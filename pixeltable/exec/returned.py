"""The rows that an operation has just written, by their ids: what `return_rows=True` gives."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.exec.engine import Engine
from pixeltable.exec.inherited import positions_of_ids
from pixeltable.exec.operators.evaluate import evaluate
from pixeltable.exec.query import run
from pixeltable.exec.query_columns import column_ref
from pixeltable.exec.source import Source
from pixeltable.exec.window_columns import with_window_columns
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name, fields
from pixeltable.exprs.nodes import Field
from pixeltable.plan.cut import cut
from pixeltable.plan.logical import Named, Project, Scan
from pixeltable.plan.rules.extract_computations import extract_computations
from pixeltable.plan.rules.prune_columns import prune_columns
from pixeltable.types import buffers
from pixeltable.types.arrow import storage_type
from pixeltable.types.column_type import INT, ColumnType


def rows_by_id(
    engine: Engine, table_id: str, commit: int | None, ids: NDArray[np.int64]
) -> tuple[pa.Table, dict[str, ColumnType]]:
    """The rows with `ids`, in that order, as `commit` sees them: all columns in their storage types, and their types by name."""
    source = engine.source(table_id, commit)
    schema = source.schema
    values = [name for name, column in source.columns.items() if column.part == 'value']
    rows = source.fetch(values, positions_of_ids(source, ids))
    unstored = [
        Named(field_name(column.id), engine.resolver.bind(schema, column_ref(schema, column)))
        for column in schema.columns
        if not column.stored
    ]
    windows = {name for output in unstored for name in fields(output.node) if name not in source.columns}
    if windows and rows.num_rows:
        rows = _with_windows(engine, source, rows, windows)
    if unstored and rows.num_rows:
        rows = pa.concat_tables(list(evaluate(engine.context, unstored, iter([rows]))))
    types = {
        column.name: column.type.with_nullable(column.type.nullable or column.is_computed) for column in schema.columns
    }
    arrow = pa.schema([(name, storage_type(type_)) for name, type_ in types.items()])
    if not rows.num_rows:
        return buffers.no_rows(arrow), types
    named = rows.select([field_name(column.id) for column in schema.columns]).rename_columns(list(types))
    return named.cast(arrow), types


def _with_windows(engine: Engine, source: Source, rows: pa.Table, names: Collection[str]) -> pa.Table:
    """`rows` with the fields of columns over windows, which are computed from all rows of the table."""
    row_id = Field(INT, ROW_ID_FIELD)
    plan = with_window_columns(engine.resolver, source.schema, Scan(tuple(source.columns.values())), names, row_id)
    wanted = [Named(ROW_ID_FIELD, row_id), *(Named(name, Field(INT, name)) for name in names)]
    stages = cut(prune_columns(extract_computations(Project(plan, tuple(wanted)))))
    found = pa.concat_tables(list(run(engine.context, [source], stages)))
    held = buffers.numbers(found.column(ROW_ID_FIELD))
    order = np.argsort(held)
    places = order[np.searchsorted(held, buffers.numbers(rows.column(ROW_ID_FIELD)), sorter=order)]
    taken = found.take(buffers.positions(places))
    for name in names:
        rows = rows.append_column(name, taken.column(name))
    return rows
