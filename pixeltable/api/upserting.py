"""The verbs of a table that take rows which say themselves which row they mean."""

from __future__ import annotations

from typing import Any

from pixeltable.api.names import check_choice
from pixeltable.api.status import UpdateStatus
from pixeltable.api.writing import Writing
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.changes.batch_update import Options, batch_update
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.io.updates import updates_of

IF_NOT_EXISTS = ('error', 'ignore', 'insert')


class Upserting(Writing):
    """batch_update, upsert."""

    __slots__ = ()

    def batch_update(
        self,
        rows: Any,
        cascade: bool = True,
        if_not_exists: str = 'error',
        return_rows: bool = False,
        *,
        on_error: str | None = None,
    ) -> UpdateStatus:
        """Updates rows, each with values of its own, in one version. A column that a row leaves out keeps its value.

        What depends on a value is computed again only in rows in which the value is a new one.

        Args:
            rows: dicts, pydantic models, a pandas DataFrame, Arrow data, or a table or query. Each has the whole primary key, or
                `_rowid` with the row's id (`t.id`); `id` means the same unless a column has that name.
            cascade: whether dependent columns are computed again.
            if_not_exists: what to do for a row that does not exist: `'error'` changes nothing at all, `'ignore'` leaves it out,
                `'insert'` inserts it, for which it needs a primary key.
            return_rows: whether the status has the rows, as they are now, in the order of `rows`.
            on_error: what a failing computed cell does, as in `insert`.

        Raises:
            NotFoundError: ROW_NOT_FOUND naming the key, COLUMN_NOT_FOUND.
            RequestError: UNSUPPORTED_OPERATION for a row without the whole key, with a value for a computed column,
                or with what its column cannot hold, CONSTRAINT_VIOLATION for a key given twice, INVALID_ARGUMENT for rows
                without ids where there is no key, MISSING_REQUIRED for a row to insert without a value that it needs.
        """
        check_choice(if_not_exists, IF_NOT_EXISTS, 'if_not_exists')
        return self._by_rows(rows, 'batch_update', if_not_exists, cascade, return_rows, on_error)

    def upsert(self, rows: Any, *, on_error: str | None = None, return_rows: bool = False) -> UpdateStatus:
        """Inserts rows, and updates those whose primary key exists, in one version.

        An updated row keeps its values in columns that the new one leaves out, and what they depend on is computed again only
        where a value is a new one: to upsert what is there already costs next to nothing.

        Args:
            rows: dicts, pydantic models, a pandas DataFrame, Arrow data, or a table or query, with the whole primary key.
            on_error: what a failing computed cell does, as in `insert`.
            return_rows: whether the status has the rows, as they are now, in the order of `rows`.

        Raises:
            RequestError: UNSUPPORTED_OPERATION for a table without a primary key, and as for `insert` and `batch_update`.
            NotFoundError: COLUMN_NOT_FOUND.
        """
        if not self._schema().table.primary_key:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'upsert(): {self._path!r} has no primary key, by which rows would be found; create the table with '
                'primary_key=..., or use insert(), update() or batch_update().',
            )
        return self._by_rows(rows, 'upsert', 'insert', True, return_rows, on_error)

    def _by_rows(
        self, rows: Any, verb: str, if_not_exists: str, cascade: bool, return_rows: bool, on_error: str | None
    ) -> UpdateStatus:
        schema = self._writable(verb)
        session = self._session
        given = updates_of(schema, self._read(rows), session.settings.time_zone, verb)
        if if_not_exists == 'insert' and any(ROW_ID_FIELD in each.values.column_names for each in given):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'{verb}(): a row that is named by its id cannot be inserted, as ids are given by the table; name rows by their '
                "primary key, or pass if_not_exists='ignore' to batch_update().",
            )
        if if_not_exists == 'insert' and (computed := next((each for each in schema.key if each.is_computed), None)):
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{verb}(): {computed.name!r} is part of the primary key and computed, so that rows cannot be inserted with a '
                'value for it; insert() them without.',
            )
        options = Options(verb, if_not_exists, cascade, self._aborts(on_error, schema))
        with session.operation(verb, self._table_id, self._path) as engine:
            outcome, ids = batch_update(engine, schema, given, options)
            engine.context.operation.facts = outcome.facts
        return self._finish(outcome, [ids[ids >= 0]] if return_rows else None)
