"""Schemas. A schema version never changes, so each is read once; a look at the table's row tells which one counts."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from typing import TypeVar

from sqlalchemy import bindparam, func, select

from pixeltable.catalog import documents
from pixeltable.catalog.database import Database
from pixeltable.catalog.read.derived import derived_from
from pixeltable.catalog.read.horizon import HORIZON, check_readable
from pixeltable.catalog.records import Schema
from pixeltable.catalog.requirements import SCHEMA_VERSION
from pixeltable.catalog.tables import columns, live, tables, versions, visible, visible_rows
from pixeltable.catalog.transaction import table_not_found

_CACHED = 512

Key = TypeVar('Key')

_SCHEMA_VERSION_AT = select(tables.c.schema_version, HORIZON.scalar_subquery()).where(
    tables.c.id == bindparam('table'), visible(tables)
)
_TABLE_AT = select(tables.c.path, tables.c.doc).where(tables.c.id == bindparam('table'), visible(tables))
_COLUMNS_AT = visible_rows(columns)
_VIEWS_AT = (
    select(tables.c.id, tables.c.path, tables.c.doc).where(derived_from('table'), visible(tables)).order_by(tables.c.id)
)
_COLUMN_BEGINS = (
    select(columns.c.column_id, func.min(columns.c.begin))
    .where(columns.c.table_id == bindparam('table'))
    .group_by(columns.c.column_id)
)
_VERSION_COMMITS = (
    select(versions.c.commit_id, versions.c.version)
    .where(versions.c.table_id == bindparam('table'), live(versions))
    .order_by(versions.c.commit_id)
)


class Schemas:
    """Reads schemas of one catalog and keeps the last ones used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cached: dict[tuple[str, int], Schema] = {}
        self._views: dict[tuple[str, int, int], Schema] = {}
        self._lock = threading.Lock()

    def get(self, table_id: str, at: int | None) -> Schema:
        """Raises NotFoundError TABLE_NOT_FOUND if the table does not exist at commit `at`, or now."""
        schema = self._own(table_id, at)
        view = schema.table.view
        if view is None or view.query is not None:
            return schema
        base = self.get(view.base, at if view.at is None else view.at)
        key = (table_id, schema.table.schema_version, base.version)
        found = self._views.get(key)
        return found if found is not None else self._keep(self._views, key, schema.over(base))

    def _own(self, table_id: str, at: int | None) -> Schema:
        """The schema without that of a base."""
        connection = self._database.connection()
        if at is None:
            row = connection.row(SCHEMA_VERSION, {'table': table_id})
        else:
            row = connection.row(_SCHEMA_VERSION_AT, {'table': table_id, 'at': at})
        if row is None:
            raise table_not_found(table_id)
        if at is not None:
            check_readable(connection, table_id, at, row[1])
        key = (table_id, row[0])
        schema = self._cached.get(key)
        return schema if schema is not None else self._read(key)

    def _read(self, key: tuple[str, int]) -> Schema:
        table_id, schema_version = key
        with self._database.read() as connection:
            path, doc = connection.row(_TABLE_AT, {'table': table_id, 'at': schema_version})
            rows = connection.rows(_COLUMNS_AT, {'table': table_id, 'at': schema_version})
            below = connection.rows(_VIEWS_AT, {'table': table_id, 'at': schema_version})
        rows.sort(key=lambda row: row[3])
        views = (documents.table_record(id_, view, 0, text) for id_, view, text in below)
        schema = Schema(
            documents.table_record(table_id, path, schema_version, doc),
            tuple(documents.column_record(row[-1]) for row in rows),
            views=tuple(each.id for each in views if each.view is not None and each.view.at is None),
        )
        return self._keep(self._cached, key, schema)

    def _keep(self, cache: dict[Key, Schema], key: Key, schema: Schema) -> Schema:
        with self._lock:
            if len(cache) >= _CACHED:
                cache.pop(next(iter(cache)))
            cache[key] = schema
        return schema


def schema_versions(database: Database, table_id: str, commit: int) -> tuple[dict[int, int], int]:
    """The version that added each column, by column id, and the last version up to `commit`; of what is still known."""
    with database.read() as connection:
        begins = connection.rows(_COLUMN_BEGINS, {'table': table_id})
        made: list[tuple[int, int]] = [
            (row[0], row[1]) for row in connection.rows(_VERSION_COMMITS, {'table': table_id})
        ]
    commits = [each for each, _ in made]

    def at(position: int) -> int:
        return made[max(0, min(position, len(made) - 1))][1]

    added = {column_id: at(bisect_left(commits, begin)) for column_id, begin in begins}
    return added, at(bisect_right(commits, commit) - 1)
