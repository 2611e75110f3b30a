"""The verbs of a table that add columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, overload

from pixeltable.api.columnspecs import ColumnSpecs, options_of
from pixeltable.api.computed import check_computed, computed_record, is_kept
from pixeltable.api.default import say
from pixeltable.api.indexes import with_default_indexes
from pixeltable.api.jobs import Job, begun, begun_nothing
from pixeltable.api.mediaspecs import Destination
from pixeltable.api.names import check_choice
from pixeltable.api.naming import Naming
from pixeltable.api.placing import placed
from pixeltable.api.status import UpdateStatus
from pixeltable.catalog.changes import (
    AddColumn,
    Change,
    Commit,
    NothingSince,
    Requirement,
    SchemaIs,
)
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.exec.changes.columns import (
    add_computed_column,
    add_pending_column,
    replacement,
)
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.views.following import commit_with_views
from pixeltable.exprs import build
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Node

IF_EXISTS = ('error', 'ignore', 'replace', 'replace_force')


class Altering(Naming):
    """add_column, add_columns, add_computed_column; drop_column and rename_column come from `Naming`."""

    __slots__ = ()

    def add_column(self, *, if_exists: str = 'error', **kwargs: Any) -> UpdateStatus:
        """Adds one column, as in `t.add_column(note=pxt.String | None)`. Existing rows get NULL.

        Raises:
            AlreadyExistsError: COLUMN_ALREADY_EXISTS. RequestError: UNSUPPORTED_OPERATION for several columns, or for a type that
                is not nullable while the table has rows.
        """
        if len(kwargs) != 1:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'add_column() takes one column=type, not {len(kwargs)}; see add_columns().',
            )
        return self.add_columns(kwargs, if_exists=if_exists)

    def add_columns(self, schema: Mapping[str, Any], if_exists: str = 'error') -> UpdateStatus:
        """Adds columns, by name and type. Existing rows get NULL; see `add_column`."""
        self._writable('add_columns')
        check_choice(if_exists, IF_EXISTS, 'if_exists')
        specs = ColumnSpecs.parse(schema)
        for name, node in specs.computed.items():
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'column {name!r} = {display(node)} is computed: use add_computed_column({name}=…).',
            )
        if specs.primary_key:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'column {specs.primary_key[0]!r} cannot be added to the primary key: create_table() declares it.',
            )
        outcome = Outcome('add column', columns=list(specs.plain))

        def attempt(engine: Engine) -> None:
            source = engine.source(self._table_id)
            existing = {name: self._existing(source.schema, name, if_exists) for name in specs.plain}
            new = [c for name, c in specs.plain.items() if existing[name] is None or if_exists != 'ignore']
            dropped = [
                change for c in new for change in replacement(self._session.catalog, source.schema, c, existing[c.name])
            ]
            rows = source.contents.row_count
            for column in new:
                if rows and not column.type.nullable:
                    raise RequestError(
                        ErrorCode.UNSUPPORTED_OPERATION,
                        f'column {column.name!r} cannot be added as {column.type}: the {rows} rows of {self._path!r} '
                        f'would have no value; declare it as pxt.{column.type} | None.',
                    )
            self._alter(engine, source, dropped, new, outcome)

        self._session.committed('add column', self._table_id, self._path, attempt, f'adding columns to {self._path!r}')
        say(f'Added {len(specs.plain)} column{"" if len(specs.plain) == 1 else "s"} to {self._path!r}.')
        return UpdateStatus.of(outcome, self._path)

    def _alter(
        self, engine: Engine, source: Source, dropped: list[Change], new: list[ColumnRecord], outcome: Outcome
    ) -> None:
        if not new:
            return
        schema, commit = source.schema, source.contents.commit
        first = schema.table.next_column_id
        placed_ = placed(self._session, schema.table, new)
        added = [
            dataclasses.replace(column, id=first + index)
            for index, column in enumerate(with_default_indexes(schema, placed_))
        ]
        requirements: list[Requirement] = [SchemaIs(self._table_id, schema.table.schema_version)]
        if any(not column.type.nullable for column in added):
            requirements.append(NothingSince(self._table_id, commit))  # still no row that would lack a value
        summary = outcome.summary() | {'added': ', '.join(column.name for column in added)}
        changes = (*dropped, *(AddColumn(self._table_id, column) for column in added))
        versions = ((self._table_id, 'schema', summary),)
        adding = Commit('add column', changes, tuple(requirements), versions)
        committed = commit_with_views(engine, adding, self._table_id)
        outcome.version = committed.versions[self._table_id]

    @overload
    def add_computed_column(self, *, background: Literal[True], **kwargs: Any) -> Job: ...
    @overload
    def add_computed_column(self, **kwargs: Any) -> UpdateStatus: ...

    def add_computed_column(
        self,
        *,
        stored: bool | None = None,
        destination: Destination = None,
        format: str | None = None,
        quality: int | None = None,
        comment: str = '',
        custom_metadata: Any = None,
        print_stats: bool = False,
        on_error: str | None = None,
        if_exists: str = 'error',
        background: bool = False,
        **kwargs: Any,
    ) -> UpdateStatus | Job:
        """Adds a column that is computed from others, for all rows now and for every row from now on.

        Args:
            stored: whether values are kept (default) or computed each time they are read.
            destination: a folder or a URL such as `'s3://bucket/prefix'`, or a `pxt.ConfigVar` for one, where the media files go
                that the column computes; by default the setting `output_media_dest`, or the media store of the table.
            format, quality: how pictures are written, such as `'jpeg'` and 85; by default without loss.
            comment, custom_metadata: kept with the column.
            print_stats: whether to print where the time went, as `last_profile` has it.
            on_error: `'ignore'` leaves a failed cell NULL, with `errortype` and `errormsg`; `'abort'` adds nothing then.
            if_exists: `'error'`, `'ignore'`, or `'replace'`, if the table has a column of that name.
            background: adds the column at once, and returns a `Job` that computes its cells: these are pending until then.
            **kwargs: one `name=expression`; an f-string over columns is an expression too.

        Raises:
            AlreadyExistsError: COLUMN_ALREADY_EXISTS. RequestError: INVALID_EXPRESSION for what is neither an expression nor a
                constant, UNSUPPORTED_OPERATION for one over another table, and with `on_error='abort'` for a cell that fails.
        """
        self._writable('add_computed_column')
        check_choice(if_exists, IF_EXISTS, 'if_exists')
        if len(kwargs) != 1:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'add_computed_column() takes one name=expression, not {len(kwargs)}.',
            )
        ((name, value),) = kwargs.items()
        schema = self._session.catalog.schema(self._table_id)
        existing = self._existing(schema, name, if_exists)
        if existing is not None and if_exists == 'ignore':
            return (
                begun_nothing(self._session, self._table_id)
                if background
                else UpdateStatus.of(Outcome('add column'), self._path)
            )
        record, node = self._computed_record(schema, name, value)
        given = {'stored': stored, 'destination': destination, 'format': format, 'quality': quality}
        given |= {'comment': comment, 'custom_metadata': custom_metadata}
        options = options_of(name, given, computed=True, type_=record.type)
        options['stored'] = is_kept(name, self._session.engine.resolver.bind(schema, node), stored)
        (record,) = placed(self._session, schema.table, [dataclasses.replace(record, on_error=on_error, **options)])
        replacement(self._session.catalog, schema, record, existing)  # refused before anything is computed
        if background:
            return self._add_pending(schema, record, self._aborts(on_error, schema), existing)
        return self._add_computed(schema, record, node, self._aborts(on_error, schema), existing, print_stats)

    def _computed_record(self, schema: Schema, name: str, value: Any) -> tuple[ColumnRecord, Node]:
        """The record of a new computed column, whose functions are stored, and its unbound expression."""
        if value is None:
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION,
                f'column {name!r}: None is no expression, such as t.x + 1 or f(t.x), and no value of which the type is known.',
            )
        try:
            node = build.node(value)
        except Error as error:
            raise RequestError(error.error_code, f'column {name!r}: {error.message}') from error
        check_computed(name, node)
        resolver = self._session.engine.resolver
        resolver.bind(schema, node)
        record = computed_record(resolver, schema, ColumnRecord(0, name, node.type), node)
        return with_default_indexes(schema, [record])[0], node

    def _add_computed(
        self,
        schema: Schema,
        record: ColumnRecord,
        node: Node,
        abort: bool | None,
        replaced: ColumnRecord | None,
        print_stats: bool = False,
    ) -> UpdateStatus:
        with self._adding(record) as engine:
            outcome = add_computed_column(engine, schema, record, node, abort, replaced)
            engine.context.operation.facts = outcome.facts
        outcome.warn()
        status = UpdateStatus.of(outcome, self._path)
        self._say(status, print_stats)
        return status

    def _add_pending(
        self, schema: Schema, record: ColumnRecord, abort: bool | None, replaced: ColumnRecord | None
    ) -> Job:
        with self._adding(record) as engine:
            outcome = add_pending_column(engine, schema, record, abort, replaced)
        return begun(self._session, outcome.job)

    def _adding(self, record: ColumnRecord) -> AbstractContextManager[Engine]:
        title = f'add column {record.name!r} to {self._path!r}'
        return self._session.operation('add column', self._table_id, self._path, title)
