"""The verbs of a table that change what a column is."""

from __future__ import annotations

import dataclasses
from typing import Any

from pixeltable.api.altering import Altering
from pixeltable.api.default import say
from pixeltable.api.status import UpdateStatus
from pixeltable.catalog.changes import Commit, ReplaceColumn, SchemaIs
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.changes.redefine import redefine
from pixeltable.exec.engine import Engine
from pixeltable.exec.views.dependents import check_not_inherited
from pixeltable.plan.dependencies import dependents, inputs
from pixeltable.types.spelling import parse


class Redefining(Altering):
    """alter_column, alter_computed_column."""

    __slots__ = ()

    def alter_column(self, column: Any, *, type_: Any) -> None:
        """Makes a column nullable: `t.alter_column('note', type_=pxt.String | None)`. No other change of type is possible.

        Raises:
            RequestError: UNSUPPORTED_OPERATION for another type, and for a column that is computed, in the primary key, or read
                by computed columns; INVALID_TYPE. NotFoundError: COLUMN_NOT_FOUND.
        """
        self._writable('alter_column')

        def attempt(engine: Engine) -> str:
            schema = self._session.catalog.schema(self._table_id)
            record: ColumnRecord = self._find(schema, column)
            check_not_inherited(schema, record, 'alter_column')
            new = parse(type_, what=f'column {record.name!r}')
            problem = None
            if record.is_computed:
                problem = 'it is computed'
            elif new == record.type:
                return record.name
            elif new != record.type.with_nullable(True):
                problem = (
                    f'its type is {record.type} and cannot become {new}: only a column that is not nullable can change'
                )
            elif record.id in schema.table.primary_key:
                problem = 'it is part of the primary key'
            elif users := dependents(schema, record.id):
                problem = (
                    f'{", ".join(repr(user.name) for user in users)} would have to change too, being computed from it'
                )
            if problem:
                raise RequestError(
                    ErrorCode.UNSUPPORTED_OPERATION, f'alter_column(): column {record.name!r} cannot change: {problem}.'
                )
            self._replace_column(engine, schema, dataclasses.replace(record, type=new), 'altered', record.name)
            return record.name

        title = f'altering a column of {self._path!r}'
        name = self._session.committed('alter column', self._table_id, self._path, attempt, title)
        say(f'Altered column {name!r} of {self._path!r}.')

    def alter_computed_column(self, *, recompute: bool = True, cascade: bool = True, **kwargs: Any) -> UpdateStatus:
        """Gives a computed column another expression of the same type, as in `t.alter_computed_column(total=t.a + t.b)`.

        Args:
            recompute: whether its cells are computed now. If not, they stay as they are, and `stale()` lists them.
            cascade: whether what depends on it is computed again too. If not, `stale()` lists it.
            **kwargs: one `name=expression`.

        Raises:
            RequestError: UNSUPPORTED_OPERATION for a column that is not computed, another type, an expression that reads the
                column itself or columns of another table, or a column that is not stored and that views need; INVALID_EXPRESSION
                for what is no expression. NotFoundError: COLUMN_NOT_FOUND.
        """
        self._writable('alter_computed_column')
        if len(kwargs) != 1:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'alter_computed_column() takes one name=expression, not {len(kwargs)}.',
            )
        ((name, value),) = kwargs.items()
        schema = self._session.catalog.schema(self._table_id)
        abort = self._aborts(self._find(schema, name).on_error, schema)
        title = f'alter column {name!r} of {self._path!r}'

        def redefined(now: Schema) -> ColumnRecord:
            return self._redefined(now, name, value)

        with self._session.operation('alter column', self._table_id, self._path, title) as engine:
            outcome = redefine(engine, schema.table, redefined, abort, recompute=recompute, cascade=cascade)
            engine.context.operation.facts = outcome.facts
        self._session.wrote(self._table_id)
        outcome.warn()
        status = UpdateStatus.of(outcome, self._path)
        self._say(status, False)
        return status

    def _redefined(self, schema: Schema, name: str, value: Any) -> ColumnRecord:
        """The record of the column with its new expression."""
        old: ColumnRecord = self._find(schema, name)
        what = f'alter_computed_column(): column {old.name!r}'
        if not old.is_computed:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION, f'{what} is not computed; its values come with the rows.'
            )
        if old.id in schema.table.primary_key:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION, f'{what} is part of the primary key; its values stay what they are.'
            )
        if old.embedding is not None:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{what} is an embedding index; use add_embedding_index() and drop_index().',
            )
        new, _ = self._computed_record(schema, old.name, value)
        if new.type != old.type:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{what} is of type {old.type}, and its new expression of type {new.type}; convert it with astype(...), or '
                "use add_computed_column(..., if_exists='replace').",
            )
        if old.id in new.depends_on or old.id in inputs(schema, [new]):
            raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'{what} cannot be computed from itself.')
        changed = {'value': new.value, 'fingerprint': new.fingerprint, 'depends_on': new.depends_on, 'accepted': ()}
        return dataclasses.replace(old, **changed)  # type: ignore[arg-type]

    def _replace_column(self, engine: Engine, schema: Schema, column: ColumnRecord, what: str, name: str) -> None:
        """Commits a version in which only the record of a column is another."""
        change = ReplaceColumn(self._table_id, column)
        requirements = (SchemaIs(self._table_id, schema.table.schema_version),)
        versions = ((self._table_id, 'schema', {what: name}),)
        engine.commit(Commit('alter column', (change,), requirements, versions))
