"""The verbs of a table that change rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, Literal, cast, overload

import numpy as np
from numpy.typing import NDArray

from pixeltable._support.turns import turns
from pixeltable.api.assigning import new_value
from pixeltable.api.handle import unknown_column
from pixeltable.api.insight import Insight
from pixeltable.api.jobs import Job, begun
from pixeltable.api.reading import Readable
from pixeltable.api.results import ResultSet
from pixeltable.api.status import UpdateStatus
from pixeltable.api.threads import in_thread
from pixeltable.catalog.records import Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.changes.delete import delete
from pixeltable.exec.changes.insert import insert
from pixeltable.exec.changes.update import update
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.returned import rows_by_id
from pixeltable.exprs import checks
from pixeltable.exprs.expr import require_expression
from pixeltable.exprs.nodes import Node
from pixeltable.io.files import is_file
from pixeltable.io.frames import is_frame
from pixeltable.io.huggingface import is_dataset
from pixeltable.io.rows import tables_of
from pixeltable.io.sources import named_as_columns, overrides_of, read_source

_NO_IDS = np.empty(0, np.int64)

FEW_ROWS = 100
"""Threads that insert so many take turns: more would keep the others waiting."""


class Writing(Insight):
    """insert, update, delete."""

    __slots__ = ()

    @overload
    def insert(
        self, source: Any = ..., /, *, background: Literal[True], on_error: str | None = ..., **kwargs: Any
    ) -> Job: ...
    @overload
    def insert(self, source: Any = ..., /, **kwargs: Any) -> UpdateStatus: ...

    def insert(
        self,
        source: Any = None,
        /,
        *,
        source_format: str | None = None,
        schema_overrides: Mapping[str, Any] | None = None,
        on_error: str | None = None,
        print_stats: bool = False,
        return_rows: bool = False,
        background: bool = False,
        **kwargs: Any,
    ) -> UpdateStatus | Job:
        """Inserts rows and computes everything that depends on them. Returns when all of it is stored durably.

        Args:
            source: a list or generator of dicts or pydantic models; a table or query; a pandas DataFrame; a dataset of Hugging
                Face; Arrow data: a table, a reader, a generator of batches, or anything with Arrow's stream protocol, such as a
                Polars frame; the path or URL of a CSV, Excel, JSON (a list, or an object a line) or Parquet file, or a folder
                of Parquet files. A generator, reader or Parquet file may be longer than memory; its rows become one version.
            source_format: `'csv'`, `'excel'`, `'json'` or `'parquet'`, for a file whose name does not say it.
            schema_overrides: accepted as by `create_table`; here all values are converted to the types that the columns have.
            on_error: `'ignore'` stores a row even if a computed cell fails: the cell is NULL and has `errortype` and
                `errormsg`. `'abort'` inserts nothing then. By default what the table says, else the setting `on_error`.
            print_stats: whether to print where the time went, as `last_profile` has it.
            return_rows: whether the status has the inserted rows, with their computed columns, as dicts.
            background: returns a `Job` as soon as the rows are stored. It computes their cells, which are pending until then;
                with `on_error='abort'` the first cell that fails ends it, and the rows stay.
            **kwargs: the values of a single row, instead of `source`; with the path of a file, arguments for what reads it.

        Raises:
            NotFoundError: COLUMN_NOT_FOUND for an unknown column.
            RequestError: MISSING_REQUIRED for a missing value, UNSUPPORTED_OPERATION for one of the wrong type or for a
                computed column, CONSTRAINT_VIOLATION for a primary key that exists.
        """
        is_small = source is None or (isinstance(source, list) and len(source) <= FEW_ROWS)
        with turns.one() if is_small else nullcontext():
            schema = self._writable('insert')
            session = self._session
            abort = self._aborts(on_error, schema)
            for name in overrides_of(schema_overrides):
                if not isinstance(name, str) or schema.find(name) is None:
                    raise RequestError(
                        ErrorCode.UNSUPPORTED_OPERATION, f'schema_overrides: {unknown_column(schema, str(name))}'
                    )
            rows = self._rows(schema, source, kwargs, source_format)
            tables = tables_of(schema, rows, session.settings.time_zone)
            if background and return_rows:
                raise RequestError(
                    ErrorCode.INVALID_ARGUMENT,
                    'insert() in the background has no rows to return: leave out return_rows.',
                )
            with session.operation('insert', self._table_id, self._path, f'insert into {self._path!r}') as engine:
                outcome = insert(engine, schema, tables, abort, background=background)
                engine.context.operation.facts = outcome.facts
            if background:
                session.wrote(self._table_id)
                return begun(session, outcome.job)
            firsts = zip(outcome.first_ids, outcome.counts, strict=True)
            ids = [np.arange(first, first + count) for first, count in firsts] if return_rows else None
            return self._finish(outcome, ids, print_stats)

    async def insert_async(self, source: Any = None, /, **options: Any) -> UpdateStatus | Job:
        """`insert`, with the same arguments, for programs with an event loop: does not block it.

        If the awaiting task is cancelled, the calls under way are cancelled, and nothing is inserted; were the rows committed
        already, the task is not cancelled any more and gets the status.
        """
        status: UpdateStatus = await in_thread(partial(cast(Any, self.insert), source, **options))
        return status

    @classmethod
    def _rows(cls, schema: Schema, source: Any, kwargs: dict[str, Any], source_format: str | None = None) -> Any:
        from pixeltable.api.table import RESERVED

        if source is None:
            if not kwargs:
                raise RequestError(ErrorCode.MISSING_REQUIRED, 'insert() needs rows: a list of dicts, or column=value.')
            return [kwargs]
        if type(source) is list and source and not kwargs and source_format is None:
            return source  # which is what the rest comes to, too
        if kwargs and not is_file(source) and not is_dataset(source):
            raise RequestError(ErrorCode.INVALID_ARGUMENT, 'insert() takes either rows or column=value, not both.')
        types = {column.name: column.type for column in schema.columns}
        rows = cls._read(read_source(source, source_format, kwargs, types))
        if rows is not source or is_frame(source):  # with names of its own, as against rows written for this table
            rows = named_as_columns(rows, types, RESERVED)
        if isinstance(rows, Sequence) and not rows:
            raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, 'insert() got an empty list: there are no rows in it.')
        return rows

    @staticmethod
    def _read(source: Any) -> Any:
        """The rows of a table or query, or `source` itself."""
        return source._copied() if isinstance(source, Readable) else source

    def update(
        self,
        value_spec: dict[str, Any],
        where: Any = None,
        cascade: bool = True,
        return_rows: bool = False,
        *,
        print_stats: bool = False,
    ) -> UpdateStatus:
        """Sets columns to constants or expressions, and computes again what depends on them, for these rows only.

        Args:
            value_spec: the new value of each column, such as `{'price': t.price * 2, 'note': 'sale'}`.
            where: which rows; all if None.
            cascade: whether dependent columns are computed again.
            return_rows: whether the status has the updated rows, with their computed columns, as dicts.
            print_stats: whether to print where the time went, as `last_profile` has it.

        Raises:
            NotFoundError: COLUMN_NOT_FOUND. RequestError: UNSUPPORTED_OPERATION for a computed or primary key column,
                TYPE_MISMATCH for a value of the wrong type, INVALID_EXPRESSION for a `where` that is no expression.
        """
        return self._update(
            value_spec, predicates_of(where), cascade=cascade, return_rows=return_rows, print_stats=print_stats
        )

    def _update(
        self,
        value_spec: dict[str, Any],
        predicates: Sequence[Node],
        *,
        cascade: bool,
        return_rows: bool = False,
        print_stats: bool = False,
    ) -> UpdateStatus:
        schema = self._writable('update')
        session = self._session
        values = self._new_values(schema, value_spec)
        with session.operation('update', self._table_id, self._path) as engine:
            abort = self._aborts(None, schema)
            outcome = update(engine, schema, values, predicates, cascade=cascade, abort=abort)
            engine.context.operation.facts = outcome.facts
        ids = [np.sort(np.concatenate([_NO_IDS, *outcome.row_ids]))] if return_rows else None
        return self._finish(outcome, ids, print_stats)

    def _new_values(self, schema: Schema, value_spec: Any) -> dict[int, Node]:
        if not isinstance(value_spec, Mapping) or not value_spec:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f"update() takes a dict with at least one column, as in {{'price': 3}}, not {value_spec!r}.",
            )
        zone = self._session.settings.time_zone
        columns = {name: self._find(schema, name) for name in value_spec}
        return {columns[name].id: new_value(schema, columns[name], value, zone) for name, value in value_spec.items()}

    def delete(self, where: Any = None) -> UpdateStatus:
        """Deletes the rows for which `where` is true; all of them if it is None."""
        return self._delete(predicates_of(where))

    def _delete(self, predicates: Sequence[Node]) -> UpdateStatus:
        schema = self._writable('delete')
        with self._session.operation('delete', self._table_id, self._path, f'delete from {self._path!r}') as engine:
            outcome = delete(engine, schema, predicates)
            engine.context.operation.facts = outcome.facts
        return self._finish(outcome)

    def _finish(
        self, outcome: Outcome, ids: Sequence[NDArray[np.int64]] | None = None, print_stats: bool = False
    ) -> UpdateStatus:
        """Flushes if it is time, warns about failed cells, prints the line about the operation, fetches the rows with `ids`."""
        rows = None if ids is None else self._rows_by_id(np.concatenate([_NO_IDS, *ids]), outcome.commit)
        if outcome.version is not None:
            self._session.wrote(self._table_id)
        status = UpdateStatus.of(outcome, self._path, rows)
        outcome.warn()
        self._say(status, print_stats)
        return status

    def _rows_by_id(self, ids: NDArray[np.int64], commit: int | None) -> list[dict[str, Any]]:
        data, types = rows_by_id(self._session.engine, self._table_id, commit, ids)
        return list(
            ResultSet(data, types, self._session.settings.time_zone, self._session.engine.context.services.library)
        )


def predicates_of(where: Any) -> tuple[Node, ...]:
    return () if where is None else (checks.check_boolean(require_expression(where, 'where')),)
