"""Versions and snapshots of a table, as users see them. `at` is a commit; None means the newest.

A version that was vacuumed stays in the history and cannot be read: asking for it is an error that says which ones can be.
"""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from pixeltable.catalog import documents
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.database import Database
from pixeltable.catalog.past import Pin, Snapshot, Version
from pixeltable.catalog.read.derived import derived_from
from pixeltable.catalog.tables import commits, live, snapshots, tables, versions, visible
from pixeltable.errors import ErrorCode, NotFoundError, did_you_mean

_Pair = tuple[Select[Any], Select[Any]]


def _now_and_at(statement: Select[Any], table: Any) -> _Pair:
    """The statement for what the newest commit sees, and for what commit `:at` sees."""
    return statement.where(live(table)), statement.where(visible(table))


_EVERY_VERSION = (
    select(
        versions.c.version,
        versions.c.commit_id,
        commits.c.created_at,
        commits.c.user,
        commits.c.operation,
        versions.c.kind,
        versions.c.summary,
        versions.c.vacuumed,
    )
    .select_from(versions.join(commits, commits.c.id == versions.c.commit_id))
    .where(versions.c.table_id == bindparam('table'))
)
_VERSION = _now_and_at(_EVERY_VERSION.where(versions.c.version == bindparam('number')), versions)
_VERSIONS = _now_and_at(_EVERY_VERSION.order_by(versions.c.version.desc()), versions)
_NEWEST_VERSIONS = _VERSIONS[0].limit(bindparam('limit'))
_VERSION_BY_TIME = _VERSIONS[0].where(commits.c.created_at <= bindparam('time')).limit(1)
_FIRST_VERSION = _EVERY_VERSION.where(live(versions)).order_by(versions.c.version).limit(1)
_OLDEST_READABLE = select(func.min(versions.c.version)).where(
    versions.c.table_id == bindparam('table'), live(versions), versions.c.vacuumed.is_(None)
)
_COMMIT_OF_VERSION = select(versions.c.commit_id).where(
    versions.c.table_id == bindparam('table'), versions.c.version == bindparam('number'), live(versions)
)
_VERSION_SEEN = (
    select(versions.c.version, versions.c.commit_id)
    .where(versions.c.table_id == bindparam('table'), versions.c.commit_id <= bindparam('commit'), live(versions))
    .order_by(versions.c.version.desc())
    .limit(1)
)
_SNAPSHOTS = _now_and_at(
    select(snapshots.c.name, snapshots.c.commit_id, snapshots.c.version, commits.c.created_at, snapshots.c.tags)
    .select_from(snapshots.join(commits, commits.c.id == snapshots.c.begin))
    .where(snapshots.c.table_id == bindparam('table'))
    .order_by(snapshots.c.row),
    snapshots,
)
_PATH = select(tables.c.path).where(tables.c.id == bindparam('table')).order_by(tables.c.row.desc()).limit(1)
_OF_BASE = (
    select(tables.c.id, tables.c.path, tables.c.doc).where(live(tables), derived_from('base')).order_by(tables.c.id)
)

_MAX_INTEGER = 2**63 - 1
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


def versions_of(database: Database, table_id: str, limit: int | None, at: int | None = None) -> list[Version]:
    """Newest first. `limit` is for the newest commit only."""
    if limit is None:
        rows = _rows(database.connection(), _VERSIONS, {'table': table_id}, at)
    else:
        rows = database.connection().rows(_NEWEST_VERSIONS, {'table': table_id, 'limit': limit})
    return [_version(row) for row in rows]


def version(database: Database, table_id: str, number: int, at: int | None) -> Version:
    found = []
    if 0 <= number <= _MAX_INTEGER:
        found = _rows(database.connection(), _VERSION, {'table': table_id, 'number': number}, at)
    if not found:
        there = _rows(database.connection(), _VERSIONS, {'table': table_id}, at)
        have = f'its versions are 0 to {there[0][0]}' if there else 'it was dropped'
        raise NotFoundError(ErrorCode.PATH_NOT_FOUND, f'{_path(database, table_id)!r} has no version {number}: {have}.')
    return _readable(database, table_id, _version(found[0]))


def version_at(database: Database, table_id: str, time: datetime.datetime) -> Version:
    """The last version that was committed at `time`, which knows its zone, or before."""
    row = database.connection().row(_VERSION_BY_TIME, {'table': table_id, 'time': (time - _EPOCH) // _MICROSECOND})
    if row is None:
        first = database.connection().row(_FIRST_VERSION, {'table': table_id})
        made = '' if first is None else datetime.datetime.fromtimestamp(first[2] / 1e6, time.tzinfo).isoformat()
        raise NotFoundError(
            ErrorCode.PATH_NOT_FOUND,
            f'{_path(database, table_id)!r} did not exist at {time.isoformat()}: '
            + (f'its first version is of {made}.' if made else 'it was dropped.'),
        )
    return _readable(database, table_id, _version(row))


def vacuumed(database: Database, table_id: str, number: int) -> NotFoundError:
    """The error for a version that can no longer be read."""
    oldest = database.connection().row(_OLDEST_READABLE, {'table': table_id})[0]
    return NotFoundError(
        ErrorCode.PATH_NOT_FOUND,
        f'version {number} of {_path(database, table_id)!r} was vacuumed: what only it needed is gone; '
        f'the oldest version that can be read is {oldest}.',
    )


def snapshots_of(database: Database, table_id: str, at: int | None) -> list[Snapshot]:
    """Oldest first."""
    rows = _rows(database.connection(), _SNAPSHOTS, {'table': table_id}, at)
    return [
        Snapshot(name, table_id, commit, number, created_at, documents.tags(text))
        for name, commit, number, created_at, text in rows
    ]


def snapshot(database: Database, table_id: str, name: str, at: int | None) -> Snapshot:
    by_name = {each.name: each for each in snapshots_of(database, table_id, at)}
    if name not in by_name:
        hint = did_you_mean(name, list(by_name))
        raise NotFoundError(ErrorCode.PATH_NOT_FOUND, f'{_path(database, table_id)!r} has no snapshot {name!r}.{hint}')
    return by_name[name]


def pins(connection: Connection, table_id: str) -> list[Pin]:
    """The snapshots that need versions of the table: those that it names, those that have paths of their own, and those of its
    views, which read it as it was then."""
    rows = connection.rows(_SNAPSHOTS[0], {'table': table_id})
    found = [Pin(name, number, commit) for name, commit, number, _, _ in rows]
    for id_, path, text in connection.rows(_OF_BASE, {'base': table_id}):
        record = documents.table_record(id_, path, 0, text)
        if record.view is not None and record.view.query is not None:
            continue  # it holds all that it shows
        number = record.base[1] if record.base is not None else record.view.version if record.view is not None else None
        if number is None:
            found += _through_view(connection, table_id, id_, path)
            continue
        row = connection.row(_COMMIT_OF_VERSION, {'table': table_id, 'number': number})
        if row is not None:
            found.append(Pin(path, number, row[0], id_))
    return found


def _through_view(connection: Connection, table_id: str, view_id: str, path: str) -> list[Pin]:
    """The versions of a table that the snapshots of a view of it see, or those of a view of that view."""
    found = []
    for pin in pins(connection, view_id):
        row = connection.row(_VERSION_SEEN, {'table': table_id, 'commit': pin.commit})
        if row is not None:
            found.append(Pin(f'{pin.name} of {path}', row[0], row[1], view_id))
    return found


def _rows(connection: Connection, statements: _Pair, parameters: dict[str, Any], at: int | None) -> list[Any]:
    newest, earlier = statements
    return connection.rows(newest, parameters) if at is None else connection.rows(earlier, parameters | {'at': at})


def _version(row: Any) -> Version:
    number, commit, created_at, user, operation, kind, text, vacuumed_by = row
    return Version(number, commit, created_at, user, operation, kind, documents.summary(text), vacuumed_by)


def _readable(database: Database, table_id: str, found: Version) -> Version:
    if found.vacuumed is not None:
        raise vacuumed(database, table_id, found.version)
    return found


def _path(database: Database, table_id: str) -> str:
    """The path that the table has, or had when it was dropped."""
    row = database.connection().row(_PATH, {'table': table_id})
    return table_id if row is None else str(row[0])
