"""Computes columns for a batch, in dependency order: by Arrow or DuckDB where there are forms for that and enough rows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

import pyarrow as pa

from pixeltable.catalog.records import TableRecord
from pixeltable.errors import Error, RequestError
from pixeltable.exec.arithmetic import computed as arithmetic
from pixeltable.exec.arithmetic import is_arithmetic
from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.cell_failures import cell_failure
from pixeltable.exec.context import Context
from pixeltable.exec.evaluate import Evaluation
from pixeltable.exec.media.saving import Place, Saving
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs.bind import fields, property_field
from pixeltable.exprs.display import display
from pixeltable.exprs.sql import identifier, to_sql
from pixeltable.exprs.visit import walk
from pixeltable.types import buffers
from pixeltable.types.arrow import storage_type
from pixeltable.types.column_type import ArrayShape

SQL_ROWS = 1000
"""From this many rows on, a DuckDB statement is faster than Python."""

Errors = dict[str, dict[int, CellError]]
"""By field, the cells that failed, by row of the batch."""


async def compute(
    context: Context,
    batch: pa.Table,
    columns: Sequence[ComputedColumn],
    abort: bool | None,
    calls: Calls,
    table: TableRecord | None = None,
) -> tuple[pa.Table, Errors]:
    """`batch` with the fields of `columns`, and the cells that failed. With `abort`, the first failure raises.

    Media that functions make is stored as the columns of `table` say, if it is given.
    """
    errors: Errors = {}
    for level in levels(columns):
        relational = [column for column in level if _is_relational(column, batch, errors)]
        if relational:
            done = await _in_bulk(context, batch, relational)
            if done is None:
                relational = []
            else:
                batch = done
        rest = [column for column in level if column not in relational]
        if rest:
            batch = await _by_python(context, batch, rest, errors, abort, calls, table)
        batch = _with_errors(batch, level, columns, errors)
    return batch, errors


def _with_errors(
    batch: pa.Table, computed: Sequence[ComputedColumn], readers: Sequence[ComputedColumn], errors: Errors
) -> pa.Table:
    """`batch` with the errors of columns that were just computed, as far as others read them as values."""
    read = {name for column in readers for name in fields(column.node)}
    for column in computed:
        cells = errors.get(column.field, {})
        for part in ('errortype', 'errormsg'):
            name = property_field(column.record.id, part)
            if name not in read:
                continue
            texts = [getattr(cells[row], part) if row in cells else None for row in range(batch.num_rows)]
            batch = batch.drop_columns([name]) if name in batch.column_names else batch
            batch = batch.append_column(name, buffers.strings(texts))
    return batch


def levels(columns: Sequence[ComputedColumn]) -> list[list[ComputedColumn]]:
    """Groups of columns that do not read each other; `columns` come in dependency order."""
    levels: list[list[ComputedColumn]] = []
    depth: dict[str, int] = {}
    for column in columns:
        reads = fields(column.node)
        depth[column.field] = 1 + max((depth.get(name.partition('_')[0], -1) for name in reads), default=-1)
        if depth[column.field] == len(levels):
            levels.append([])
        levels[depth[column.field]].append(column)
    return levels


def _is_relational(column: ComputedColumn, batch: pa.Table, errors: Errors) -> bool:
    if batch.num_rows < SQL_ROWS or to_sql(column.node) is None:
        return False
    inputs = fields(column.node)
    failed = (f'{name}_errortype' for name in inputs)
    # An error of an input is passed on cell by cell, which SQL would turn into a plain NULL.
    stored = any(name in batch.column_names and batch.column(name).null_count < batch.num_rows for name in failed)
    return not stored and not any(errors.get(name) for name in inputs)


async def _in_bulk(context: Context, batch: pa.Table, columns: Sequence[ComputedColumn]) -> pa.Table | None:
    """The batch with `columns`, or None if a value makes one fail: Python then finds out which cell it is."""
    plain = [column for column in columns if is_arithmetic(column.node)]
    rest = [column for column in columns if not is_arithmetic(column.node)]
    done = {}
    try:
        if plain:
            with context.operation.timings.own('arithmetic', batch.num_rows):
                done = {column.field: arithmetic(column.node, batch) for column in plain}
        if rest:
            found = await _by_sql(context, batch, rest)
            done |= {column.field: found.column(column.field) for column in rest}
    except (pa.ArrowInvalid, RequestError):
        return None
    for column in columns:
        type_ = storage_type(column.record.type)
        batch = batch.append_column(pa.field(column.field, type_), done[column.field].cast(type_))
    return batch


async def _by_sql(context: Context, batch: pa.Table, columns: Sequence[ComputedColumn]) -> pa.Table:
    items = ', '.join(f'{to_sql(column.node)} AS {identifier(column.field)}' for column in columns)
    names = sorted({name for column in columns for name in fields(column.node)})
    inputs = batch.select(names) if names else batch.select([0])

    def run() -> list[pa.RecordBatch]:
        with context.operation.timings.own('sql', batch.num_rows):
            return list(context.relational.run(f'SELECT {items} FROM input', [inputs]))

    return pa.Table.from_batches(await asyncio.get_running_loop().run_in_executor(context.loop.pool, run))


async def _by_python(
    context: Context,
    batch: pa.Table,
    columns: Sequence[ComputedColumn],
    errors: Errors,
    abort: bool | None,
    calls: Calls,
    table: TableRecord | None,
) -> pa.Table:
    # Of columns that share a call, the first one is named for it.
    owners = {node: column.record.name for column in reversed(columns) for node in walk(column.node)}
    own_calls = calls if table is None else calls.of_table(table)
    evaluation = Evaluation(batch, context.zone, own_calls, errors, owners)
    vectors = await evaluation.vectors([column.node for column in columns])
    for column, vector in zip(columns, vectors, strict=True):
        # Columns with the same expression share a vector, and one may hold what the other cannot.
        own = Vector(vector.values, dict(vector.errors))
        place = None if table is None else Place.of(table, column.record)
        await Saving(context.services.library, context.loop, place).save(own, column.record.type)
        with context.operation.timings.own('encode', batch.num_rows):
            array = stored_values(own, column, context.zone)
        if own.errors:
            if abort:
                raise _abort(column, own, evaluation)
            errors[column.field] = own.errors
        batch = batch.append_column(pa.field(column.field, array.type), array)
    return batch


def stored_values(vector: Vector, column: ComputedColumn, zone: tzinfo) -> pa.Array:
    """The values in the storage type of their column. Embeddings are computed in the precision of their function, and may be
    stored in a lower one; their length may be known of the column alone."""
    type_ = column.record.type
    if column.record.embedding is None:
        return vector.to_arrow(type_, column.record.name, zone)
    computed = ArrayShape(type_.array.shape, column.node.type.array.dtype)
    return vector.to_arrow(replace(type_, detail=computed), column.record.name, zone).cast(storage_type(type_))


def _abort(column: ComputedColumn, vector: Vector, evaluation: Evaluation) -> Error:
    row = min(vector.errors)
    error = vector.errors[row]
    what = f'row {row}: column {column.record.name!r} = {display(column.node)}'
    failure = cell_failure(error, what, evaluation.given(column.node, row))
    failure.__cause__ = error.exception
    return failure
