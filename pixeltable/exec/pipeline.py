"""Computes columns over a stream of rows, a few batches under way at once, results in row order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import pyarrow as pa

from pixeltable.catalog.records import Schema
from pixeltable.exec.calls.breaker import Breaker
from pixeltable.exec.compute import Errors, compute
from pixeltable.exec.context import Context
from pixeltable.exec.evaluate import batch_rows, is_counted
from pixeltable.exec.media.saving import MEDIA_ROWS, takes_media
from pixeltable.exec.operation import Operation
from pixeltable.exec.operators.evaluate import rebatch
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exprs.sql import to_sql
from pixeltable.exprs.visit import walk

PYTHON_ROWS, PYTHON_BYTES = 2048, 1 << 20
"""Rows evaluated in Python at once, and four times as many where all of them are no more bytes: each batch changes threads a few
times, and more rows at once would cost memory (a row may hold an embedding)."""
SQL_BATCH_ROWS = 131_072

Computed = tuple[pa.Table, Errors]


def computed(
    context: Context,
    schema: Schema,
    tables: Iterator[pa.Table],
    columns: Sequence[ComputedColumn],
    abort: bool | None,
    rows: int | None,
    *,
    is_stored: bool = True,
    most_rows: int = 4 * PYTHON_ROWS,
) -> Iterator[Computed]:
    """The rows of `tables` with `columns` added, in batches of convenient size.

    `rows` is how many there are, if that is known; `most_rows` how many are evaluated in Python at once. Media that functions
    make goes to the media of the table, if the rows are to be stored.
    """
    operation = context.operation
    functions = {node for column in columns for node in walk(column.node) if is_counted(node)}
    if rows is not None:
        operation.progress.expect(rows * len(functions))
    else:
        tables = _expected(operation, tables, len(functions))
    relational = all(to_sql(column.node) is not None for column in columns)
    has_media = any(takes_media(column.node) for column in columns)
    first = next(tables, None)
    if first is None:
        return
    tables = chain([first], tables)
    size = SQL_BATCH_ROWS if relational else min(most_rows, MEDIA_ROWS if has_media else _python_rows(first))
    batches = rebatch(tables, size)
    if context.backend is not None and functions:
        done = context.backend.computed(schema, batches, columns, abort, operation.progress.calls)
    else:
        calls = context.calls(Breaker(operation.title) if abort is None else None)
        calls.flow.under_way += max((batch_rows(node) for node in functions), default=0) // size
        table = schema.table if is_stored else None
        work = (compute(context, batch, columns, abort, calls, table) for batch in batches)
        done = context.loop.in_order(work, operation.cancellation, calls.flow)
    yield from operation.timings.elsewhere(done)


def _python_rows(table: pa.Table) -> int:
    """How many rows like those of `table` are evaluated in Python at once."""
    fitting = PYTHON_BYTES * int(table.num_rows) // max(1, int(table.nbytes))
    return max(PYTHON_ROWS, min(4 * PYTHON_ROWS, fitting))


def has_calls(columns: Sequence[ComputedColumn]) -> bool:
    """Whether some of the columns call functions that only Python can run."""
    return any(is_counted(node) for column in columns for node in walk(column.node))


def _expected(operation: Operation, tables: Iterator[pa.Table], functions: int) -> Iterator[pa.Table]:
    """`tables`; how many calls they take is told as they come."""
    for table in tables:
        operation.progress.expect(table.num_rows * functions)
        yield table


def gathered(parts: Sequence[Computed]) -> Computed:
    """Several batches as one; the rows of their errors move along. A column that a batch lacks is NULL there."""
    if len(parts) == 1:
        return parts[0]
    errors: Errors = {}
    start = 0
    for table, found in parts:
        for field, cells in found.items():
            errors.setdefault(field, {}).update({start + row: error for row, error in cells.items()})
        start += table.num_rows
    return pa.concat_tables([table for table, _ in parts], promote_options='default'), errors


class Splitter:
    """Cuts a stream of computed batches at other places than where it was batched."""

    def __init__(self, stream: Iterator[Computed]) -> None:
        self._stream = stream
        self._rest: list[Computed] = []

    def take(self, rows: int) -> Computed:
        """The next `rows` rows."""
        taken: list[Computed] = []
        missing = rows
        while missing > 0 or not taken:
            table, errors = self._rest.pop() if self._rest else next(self._stream)
            if table.num_rows > missing:
                self._rest.append(_slice((table, errors), missing, table.num_rows - missing))
                table, errors = _slice((table, errors), 0, missing)
            taken.append((table, errors))
            missing -= table.num_rows
        return gathered(taken)


def _slice(part: Computed, start: int, rows: int) -> Computed:
    table, errors = part
    inside = {
        field: {row - start: error for row, error in cells.items() if start <= row < start + rows}
        for field, cells in errors.items()
    }
    return table.slice(start, rows), {field: cells for field, cells in inside.items() if cells}
