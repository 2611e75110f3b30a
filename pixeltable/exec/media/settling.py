"""The media that users give: checked, and stored where they have no place of their own yet.

Rows pass in small batches, a few at a time in threads. What is wrong with a value is an error of its cell, or of the operation.
The errors travel beside the values, in fields of their own, until the rows are stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.exec.compute import Errors
from pixeltable.exec.context import Context
from pixeltable.exec.media.loading import threads_for
from pixeltable.exec.media.saving import NotStoredError, Place, Saving
from pixeltable.exec.vectors import CellError, stored_errors
from pixeltable.exprs.bind import field_name, property_field
from pixeltable.media.references import is_content, is_remote, is_stored
from pixeltable.types import buffers
from pixeltable.types.fragments import fragment, state_of

_PARTS = ('errortype', 'errormsg')
_BATCH_ROWS = 64


def settled(context: Context, schema: Schema, tables: Iterable[pa.Table], abort: bool | None) -> Iterator[pa.Table]:
    """The rows of `tables` with stored and checked media, and the errors of these as fields.

    Raises:
        RequestError: INVALID_DATA_FORMAT with `abort`, for the first value that cannot be read.
    """
    if not schema.media:
        return iter(tables)
    settling = _Settling(context, schema, schema.media, abort)
    work = settling.work(tables)
    operation = context.operation
    return operation.timings.elsewhere(context.loop.in_order(work, operation.cancellation))


def settled_or_refused(context: Context, schema: Schema, rows: pa.Table) -> pa.Table:
    """New values of rows that exist, with stored and checked media. Raises INVALID_DATA_FORMAT for the first unreadable one."""
    tables = list(settled(context, schema, [rows], abort=True))
    return without_errors(schema, pa.concat_tables(tables))[0] if tables else rows


def without_errors(schema: Schema, rows: pa.Table) -> tuple[pa.Table, Errors]:
    """The rows that `settled` gave, and the errors that it found."""
    errors: Errors = {}
    for column in schema.media:
        field = field_name(column.id)
        found = stored_errors(rows, field)
        if found:
            errors[field] = found
    names = {property_field(column.id, part) for column in schema.media for part in _PARTS}
    present = [name for name in rows.column_names if name in names]
    return rows.drop_columns(present) if present else rows, errors


class _Settling:
    def __init__(self, context: Context, schema: Schema, columns: Sequence[ColumnRecord], abort: bool | None) -> None:
        self._context = context
        self._columns = columns
        self._abort = abort
        self._library = context.services.library
        self._savings = {
            column.id: Saving(self._library, context.loop, Place.of(schema.table, column)) for column in columns
        }
        self._validated = {
            column.id for column in columns if (column.media.validation or schema.table.media_validation) == 'on_write'
        }

        self._pinned = {
            column.id for column in columns if (schema.table.pin if column.media.pin is None else column.media.pin)
        }

    def work(self, tables: Iterable[pa.Table]) -> Iterator[Coroutine[Any, Any, pa.Table]]:
        first_row = 0
        for table in tables:
            rows = _BATCH_ROWS if self._has_work(table) else max(1, table.num_rows)
            for start in range(0, table.num_rows, rows):
                yield self._one_batch(table.slice(start, rows), first_row + start)
            first_row += table.num_rows

    def _has_work(self, table: pa.Table) -> bool:
        """Frames of a film mostly have nothing that is to be done."""
        there = set(table.column_names)
        columns = [(column, field) for column in self._columns if (field := field_name(column.id)) in there]
        return any(
            value is not None and self._concerns(column, value)
            for column, field in columns
            for value in table.column(field).to_pylist()
        )

    async def _one_batch(self, batch: pa.Table, first_row: int) -> pa.Table:
        for column in self._columns:
            field = field_name(column.id)
            if field not in batch.column_names:
                continue
            values, errors = await self._cells(column, batch.column(field).to_pylist())
            if errors and self._abort:
                row = min(errors)
                raise _failed(column, first_row + row, errors[row]) from errors[row].exception
            batch = batch.set_column(batch.column_names.index(field), field, buffers.strings(values))
            for part in _PARTS:
                texts = [getattr(errors[row], part) if row in errors else None for row in range(len(values))]
                batch = batch.append_column(property_field(column.id, part), buffers.strings(texts))
        return batch

    async def _cells(self, column: ColumnRecord, values: list[Any]) -> tuple[list[Any], dict[int, CellError]]:
        rows = [row for row, value in enumerate(values) if value is not None and self._concerns(column, value)]
        run = asyncio.get_running_loop().run_in_executor
        threads = threads_for([values[row] for row in rows], self._library)
        parts = [rows[each::threads] for each in range(threads)]
        pool = self._context.loop.pool
        done = await asyncio.gather(*(run(pool, self._some, column, [values[row] for row in part]) for part in parts))
        errors: dict[int, CellError] = {}
        for part, cells in zip(parts, done, strict=True):
            for row, cell in zip(part, cells, strict=True):
                values[row] = None if isinstance(cell, CellError) else cell
                if isinstance(cell, CellError):
                    errors[row] = cell
        return values, errors

    def _concerns(self, column: ColumnRecord, reference: str) -> bool:
        if column.id in self._pinned or is_content(reference):
            return True
        return column.id in self._validated and not fragment(reference)

    def _some(self, column: ColumnRecord, references: Sequence[str]) -> list[Any]:
        return [self._one(column, reference) for reference in references]

    def _one(self, column: ColumnRecord, reference: str) -> Any:
        try:
            if column.id in self._validated and not fragment(reference):
                self._library.validate(reference, column.type.kind)
            saving = self._savings[column.id]
            if is_content(reference):
                return saving.reference(reference, column.type.kind)
            if column.id in self._pinned and not is_stored(reference):
                return saving.copied(reference, column.type.kind)
            has_state = not is_remote(reference) or column.id not in self._validated or state_of(reference) is not None
            return reference if has_state else self._library.with_state(reference)
        except NotStoredError as failed:
            raise failed.error from failed.error.__cause__
        except Exception as error:  # noqa: BLE001  a file of any content: whatever its reader raises is the cell's error
            return CellError.of(error)


def _failed(column: ColumnRecord, row: int, error: CellError) -> Error:
    code = error.exception.error_code if isinstance(error.exception, Error) else ErrorCode.INVALID_DATA_FORMAT
    message = f'column {column.name!r}, row {row}: {error.errormsg}'
    return type(error.exception)(code, message) if isinstance(error.exception, Error) else RequestError(code, message)
