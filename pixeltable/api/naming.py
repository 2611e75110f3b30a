"""The verbs of a table that drop and rename columns."""

from __future__ import annotations

import dataclasses
from typing import Any

from pixeltable.api.insight import Insight
from pixeltable.api.names import check_choice, check_column_name
from pixeltable.catalog.changes import Commit, ReplaceColumn, SchemaIs
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import NotFoundError
from pixeltable.exec.changes.columns import dropping, name_taken
from pixeltable.exec.engine import Engine
from pixeltable.exec.views.dependents import check_renamable
from pixeltable.exec.views.following import commit_with_views

IF_NOT_EXISTS = ('error', 'ignore')


class Naming(Insight):
    """drop_column, rename_column."""

    __slots__ = ()

    def _existing(self, schema: Schema, name: str, if_exists: str) -> ColumnRecord | None:
        """The column of that name, if there is one and `if_exists` allows it. Raises for a name that no column can have."""
        from pixeltable.api.table import RESERVED

        check_column_name(name, RESERVED)
        existing = schema.find(name)
        if existing is not None and if_exists == 'error':
            raise name_taken(schema, existing)
        return existing

    def drop_column(self, column: Any, if_not_exists: str = 'error') -> None:
        """Drops a column, given by name or as `t.column`, with the indexes on it. It stays readable in past versions.

        Raises:
            NotFoundError: COLUMN_NOT_FOUND. RequestError: UNSUPPORTED_OPERATION if other columns are computed from it, or it is
                part of the primary key, or a view needs it.
        """
        self._writable('drop_column')
        check_choice(if_not_exists, IF_NOT_EXISTS, 'if_not_exists')

        def attempt(engine: Engine) -> None:
            schema = self._session.catalog.schema(self._table_id)
            try:
                record = self._find(schema, column)
            except NotFoundError:
                if if_not_exists == 'ignore':
                    return
                raise
            self._drop(engine, schema, record)

        self._session.committed(
            'drop column', self._table_id, self._path, attempt, f'dropping a column of {self._path!r}'
        )

    def _drop(self, engine: Engine, schema: Schema, record: ColumnRecord) -> None:
        changes, needed = dropping(self._session.catalog, schema, record)
        requirements = (SchemaIs(self._table_id, schema.table.schema_version), *needed)
        versions = ((self._table_id, 'schema', {'deleted': record.name}),)
        commit_with_views(engine, Commit('drop column', (*changes,), requirements, versions), self._table_id)

    def rename_column(self, old: str, new: str) -> None:
        """Gives a column another name. What is computed from it goes on working.

        Raises:
            NotFoundError: COLUMN_NOT_FOUND. AlreadyExistsError: COLUMN_ALREADY_EXISTS. RequestError: INVALID_COLUMN_NAME.
        """
        self._writable('rename_column')

        def attempt(engine: Engine) -> None:
            schema = self._session.catalog.schema(self._table_id)
            record = self._find(schema, old)
            check_renamable(schema, record)
            if record.name.lower() != str(new).lower():
                self._existing(schema, new, 'error')
            change = ReplaceColumn(self._table_id, dataclasses.replace(record, name=new))
            versions = ((self._table_id, 'schema', {'renamed': f'{record.name} to {new}'}),)
            requirements = (SchemaIs(self._table_id, schema.table.schema_version),)
            commit = Commit('rename column', (change,), requirements, versions)
            commit_with_views(engine, commit, self._table_id)

        self._session.committed(
            'rename column', self._table_id, self._path, attempt, f'renaming a column of {self._path!r}'
        )
