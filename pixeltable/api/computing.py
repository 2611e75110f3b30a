"""Running the computed columns of a table on rows that are not stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pixeltable.api.handle import Handle
from pixeltable.api.names import check_choice
from pixeltable.api.reading import Readable
from pixeltable.api.rows import CellError, RowBatch
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.changes.computing import compute_rows, needed, without_demands
from pixeltable.exprs.bind import field_name
from pixeltable.io.rows import tables_of
from pixeltable.types.arrow import storage_type


class Computing(Handle):
    """compute."""

    __slots__ = ()

    def compute(self, source: Any, /, *, outputs: Sequence[Any] | None = None, on_error: str = 'ignore') -> RowBatch:
        """What an insert of these rows would compute, without inserting them.

        Args:
            source: rows, as for `insert`.
            outputs: the columns to return, by name or as `t.column`; all of them if None. Nothing is computed but these and
                what they are computed from, and the rows need values only for that.
            on_error: `'ignore'` gives None for a cell that fails, and `row.errors` says why; `'abort'` raises.

        Raises:
            NotFoundError: COLUMN_NOT_FOUND.
            RequestError: MISSING_REQUIRED, TYPE_MISMATCH and UNSUPPORTED_OPERATION as for `insert`, INVALID_ARGUMENT for
                `outputs` that are no list.
        """
        check_choice(on_error, ('abort', 'ignore'), 'on_error')
        session = self._session
        schema = self._schema()
        shown = self._outputs(schema, outputs)
        columns = needed(schema, shown)
        if isinstance(source, Readable):
            source = source._copied()
        tables = tables_of(without_demands(schema, columns), source, session.settings.time_zone)
        with session.operation('compute', self._table_id, self._path, changes=False) as engine:
            rows, errors = compute_rows(engine, schema, tables, columns, on_error == 'abort')
        failed = {
            column.name: {
                row: CellError(error.errortype, error.errormsg) for row, error in errors[field_name(column.id)].items()
            }
            for column in shown
            if errors.get(field_name(column.id))
        }
        types = {column.name: column.type.with_nullable(column.type.nullable or column.is_computed) for column in shown}
        return RowBatch(
            _named(rows, shown), types, session.settings.time_zone, failed, session.engine.context.services.library
        )

    def _outputs(self, schema: Schema, outputs: Any) -> list[ColumnRecord]:
        if outputs is None:
            return list(schema.columns)
        if isinstance(outputs, str) or not isinstance(outputs, Sequence) or not outputs:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'compute(): outputs is a list of columns, not {outputs!r}.')
        return [self._find(schema, column) for column in outputs]


def _named(rows: pa.Table, columns: Sequence[ColumnRecord]) -> pa.Table:
    """The columns by their names; those that no row gave are NULL."""
    arrays = []
    for column in columns:
        type_ = storage_type(column.type)
        name = field_name(column.id)
        arrays.append(rows.column(name).cast(type_) if name in rows.column_names else pa.nulls(rows.num_rows, type_))
    return pa.Table.from_arrays(arrays, names=[column.name for column in columns])
