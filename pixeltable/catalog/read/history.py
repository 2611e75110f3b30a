"""Versions and snapshots of a table, as users see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from pixeltable.catalog import documents
from pixeltable.catalog.database import Database
from pixeltable.catalog.records import Snapshot, Version
from pixeltable.catalog.tables import commits, live, snapshots, versions
from pixeltable.errors import ErrorCode, NotFoundError, did_you_mean

_VERSIONS = (
    select(
        versions.c.version,
        versions.c.commit_id,
        commits.c.created_at,
        commits.c.user,
        commits.c.operation,
        versions.c.kind,
        versions.c.summary,
    )
    .select_from(versions.join(commits, commits.c.id == versions.c.commit_id))
    .where(versions.c.table_id == bindparam('table'), live(versions))
)
_ALL_VERSIONS = _VERSIONS.order_by(versions.c.version.desc())
_NEWEST_VERSIONS = _ALL_VERSIONS.limit(bindparam('limit'))
_ONE_VERSION = _VERSIONS.where(versions.c.version == bindparam('number'))
_SNAPSHOTS = (
    select(
        snapshots.c.name,
        snapshots.c.commit_id,
        snapshots.c.version,
        commits.c.created_at,
        snapshots.c.tags,
    )
    .select_from(snapshots.join(commits, commits.c.id == snapshots.c.begin))
    .where(snapshots.c.table_id == bindparam('table'), live(snapshots))
    .order_by(snapshots.c.row)
)


def versions_of(database: Database, table_id: str, limit: int | None) -> list[Version]:
    """Newest first."""
    if limit is None:
        rows = database.connection().rows(_ALL_VERSIONS, {'table': table_id})
    else:
        rows = database.connection().rows(_NEWEST_VERSIONS, {'table': table_id, 'limit': limit})
    return [_version(row) for row in rows]


def version(database: Database, table_id: str, number: int) -> Version:
    row = database.connection().row(_ONE_VERSION, {'table': table_id, 'number': number})
    if row is None:
        newest = versions_of(database, table_id, 1)
        have = f'its versions are 0 to {newest[0].version}' if newest else 'it has none'
        raise NotFoundError(ErrorCode.PATH_NOT_FOUND, f'The table has no version {number}: {have}.')
    return _version(row)


def _version(row: Any) -> Version:
    number, commit, created_at, user, operation, kind, text = row
    return Version(number, commit, created_at, user, operation, kind, documents.summary(text))


def snapshots_of(database: Database, table_id: str) -> list[Snapshot]:
    """Oldest first."""
    rows = database.connection().rows(_SNAPSHOTS, {'table': table_id})
    return [
        Snapshot(name, table_id, commit, number, created_at, documents.tags(text))
        for name, commit, number, created_at, text in rows
    ]


def snapshot(database: Database, table_id: str, name: str) -> Snapshot:
    by_name = {each.name: each for each in snapshots_of(database, table_id)}
    if name not in by_name:
        hint = did_you_mean(name, list(by_name))
        raise NotFoundError(ErrorCode.PATH_NOT_FOUND, f'The table has no snapshot {name!r}.{hint}')
    return by_name[name]
