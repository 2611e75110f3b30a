"""Removes what no version needs that must be kept: in one transaction, so that every reader finds all of a version or an error.

It works in two steps that are at least a grace period apart. First a version goes out of reach: `versions.vacuumed` names the
commit, and nobody is told of that version any more. What only it needed is removed by the first vacuum that comes when this
commit is older than the grace period (`Vacuum.quiet_since`); so whoever was told of the version before has had all of that
time, and a lease if that was not enough. The same holds for rows of the newest version that a flush or an update has ended
since. Objects are deleted after the commit, by its caller: those that no row names, as rows that a restore brought back name
the objects of the old ones. A crash in between leaves orphans.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, bindparam, delete, select, update

from pixeltable.catalog.apply.lifetimes import Lifetimes
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.read.history import pins
from pixeltable.catalog.read.retention import first_kept
from pixeltable.catalog.read.times import newest_commit_up_to
from pixeltable.catalog.removals import Removed, RemoveTable, Vacuum
from pixeltable.catalog.tables import (
    OF_TABLE,
    bases,
    columns,
    counters,
    deletes,
    files,
    jobs,
    leases,
    live,
    segments,
    versions,
)
from pixeltable.catalog.tables import tables as table_records
from pixeltable.catalog.transaction import LIVE_TABLE, Transaction, table_not_found

_LEASES = select(leases.c.commit).where(leases.c.expires > bindparam('now'))
_OF_TABLE = versions.c.table_id == bindparam('table')
_KEPT = select(versions.c.version, versions.c.commit_id, versions.c.end, versions.c.vacuumed).where(
    _OF_TABLE, versions.c.vacuumed.is_(None) | (versions.c.vacuumed > bindparam('quiet'))
)
_COMMIT_OF = select(versions.c.commit_id).where(_OF_TABLE, live(versions), versions.c.version == bindparam('number'))
_TAKE_OUT_OF_REACH = (
    update(versions)
    .where(_OF_TABLE, live(versions), versions.c.vacuumed.is_(None))
    .where(versions.c.version >= bindparam('low'), versions.c.version < bindparam('high'))
    .values(vacuumed=bindparam('commit'))
)
_TAKE_REVERTED_OUT_OF_REACH = (
    update(versions)
    .where(_OF_TABLE, versions.c.end <= bindparam('quiet'), versions.c.vacuumed.is_(None))
    .values(vacuumed=bindparam('commit'))
)
_RAISE_HORIZON = (
    update(counters)
    .where(counters.c.table_id == bindparam('table'), counters.c.horizon < bindparam('quiet'))
    .values(horizon=bindparam('quiet'))
)
_PATHS = select(files.c.path).where(files.c.table_id == bindparam('table'), files.c.path.is_not(None)).distinct()
_DROPPED = (
    select(table_records.c.begin, table_records.c.end)
    .where(table_records.c.id == bindparam('table'))
    .order_by(table_records.c.row)
)
_REMOVE_JOBS = delete(jobs).where(jobs.c.table_id == bindparam('table'))
_REMOVE_BASES = delete(bases).where(bases.c.table_id == bindparam('table'))
_REMOVE_COUNTER = delete(counters).where(counters.c.table_id == bindparam('table'))


class _Kind:
    """The statements for one table of the catalog whose rows have lifetimes."""

    def __init__(self, table: Table, owner: str = 'table_id') -> None:
        key = table.primary_key.columns[0]
        mine = table.c[owner] == bindparam('table')
        self.ends = select(table.c.end).where(mine, table.c.end <= bindparam('quiet')).distinct().order_by(table.c.end)
        self.begins = select(key, table.c.begin).where(mine, table.c.begin <= bindparam('quiet'))
        self.remove: Any = delete(table).where(
            mine,
            table.c.end >= bindparam('low'),
            table.c.end <= bindparam('high'),
            table.c.begin >= bindparam('begin_from'),
        )
        self.remove_all: Any = delete(table).where(mine)
        if table is files:
            self.remove = self.remove.returning(files.c.path, files.c.size)
            self.remove_all = self.remove_all.returning(files.c.path, files.c.size)
        self.move_end = update(table).where(mine, table.c.end == bindparam('old')).values(end=bindparam('new'))
        self.move_begin = update(table).where(key == bindparam('key')).values(begin=bindparam('new'))


_KINDS = {table: _Kind(table) for table in (segments, files, deletes, columns)}
_KINDS[table_records] = _Kind(table_records, 'id')


def vacuum(transaction: Transaction, change: Vacuum) -> None:
    connection, table_id = transaction.connection, change.table_id
    if connection.row(LIVE_TABLE, {'table': table_id}) is None:
        raise table_not_found(table_id)
    # Without a grace period this commit is quiet itself: what it takes out of reach, it removes.
    quiet = transaction.commit if change.quiet_since is None else newest_commit_up_to(connection, change.quiet_since)
    marked = _take_out_of_reach(transaction, change, quiet)
    kept = connection.rows(_KEPT, {'table': table_id, 'quiet': quiet})
    in_use = {*change.in_use, *(row[0] for row in connection.rows(_LEASES, {'now': change.now}))}
    lifetimes = _lifetimes(connection, table_id, kept, in_use)
    removed: list[Any] = []
    changed = 0
    for table, kind in _KINDS.items():
        gone = _remove_unneeded(connection, kind, table_id, lifetimes, quiet)
        removed += gone if table is files else ()
        changed += len(gone) + _move(connection, kind, table_id, lifetimes, quiet)
    if changed:
        connection.execute(_RAISE_HORIZON, {'table': table_id, 'quiet': quiet})
    waiting = sum(1 for _, _, _, vacuumed in kept if vacuumed is not None)
    transaction.removed += _removed(connection, table_id, removed, marked, waiting)


def remove_table(transaction: Transaction, change: RemoveTable) -> None:
    connection, key = transaction.connection, {'table': change.table_id}
    lives = connection.rows(_DROPPED, key)
    if not lives or lives[-1][1] != change.dropped:
        return
    in_use = {*change.in_use, *(row[0] for row in connection.rows(_LEASES, {'now': change.now}))}
    if any(lives[0][0] <= commit < change.dropped for commit in in_use):
        return
    removed: list[Any] = connection.rows(_KINDS[files].remove_all, key)
    for table in (*OF_TABLE, table_records):
        if table is not files:
            connection.execute(_REMOVE_ALL[table], key)
    connection.execute(_REMOVE_JOBS, key)
    connection.execute(_REMOVE_BASES, key)
    connection.execute(_REMOVE_COUNTER, key)
    transaction.removed += _removed(connection, change.table_id, removed, 0, 0) + Removed(tables=1)


_REMOVE_ALL: dict[Table, Any] = {table: _Kind(table).remove_all for table in OF_TABLE}
_REMOVE_ALL[table_records] = _KINDS[table_records].remove_all


def _take_out_of_reach(transaction: Transaction, change: Vacuum, quiet: int) -> int:
    """Returns how many versions went out of reach. Those that a revert took back are needed by nobody."""
    connection = transaction.connection
    key = {'table': change.table_id, 'commit': transaction.commit}
    connection.execute(_TAKE_REVERTED_OUT_OF_REACH, key | {'quiet': quiet})
    low, marked = 0, 0
    first = first_kept(connection, change.table_id, change.retain, change.now)
    pinned = sorted({pin.version for pin in pins(connection, change.table_id)})
    for high in (*(version for version in pinned if version < first), first):
        marked += connection.execute(_TAKE_OUT_OF_REACH, key | {'low': low, 'high': high})
        low = high + 1
    return marked


def _lifetimes(connection: Connection, table_id: str, kept: list[Any], in_use: set[int]) -> Lifetimes:
    """Boundaries are where a kept version, reverted or not, or a commit in use begins and ends."""
    commits, boundaries = set(in_use), in_use | {commit + 1 for commit in in_use}
    alive = {version for version, _, end, _ in kept if end is None}
    for version, commit, end, _ in kept:
        commits.add(commit)
        boundaries.add(commit)
        if end is not None:
            boundaries.add(end)
        elif version + 1 not in alive:
            row = connection.row(_COMMIT_OF, {'table': table_id, 'number': version + 1})
            boundaries |= set() if row is None else {row[0]}
    return Lifetimes(boundaries, commits)


def _remove_unneeded(connection: Connection, kind: _Kind, table_id: str, lifetimes: Lifetimes, quiet: int) -> list[Any]:
    """Returns a row for each that was removed: that of `returning`, if the statement has one."""
    gone: list[Any] = []
    ends = [row[0] for row in connection.rows(kind.ends, {'table': table_id, 'quiet': quiet})]
    for ended in lifetimes.unneeded(ends):
        key = {'table': table_id, 'low': ended.low, 'high': ended.high, 'begin_from': ended.begin_from}
        if kind is _KINDS[files]:
            gone += connection.rows(kind.remove, key)
        else:
            gone += [None] * connection.execute(kind.remove, key)
    return gone


def _move(connection: Connection, kind: _Kind, table_id: str, lifetimes: Lifetimes, quiet: int) -> int:
    """Tells what happened between boundaries as if it had happened with the one before; returns how many rows that concerned."""
    key = {'table': table_id, 'quiet': quiet}
    moved = 0
    for (end,) in connection.rows(kind.ends, key):
        if not lifetimes.is_boundary(end):
            moved += connection.execute(kind.move_end, {'table': table_id, 'old': end, 'new': lifetimes.floor(end)})
    begins = [row for row in connection.rows(kind.begins, key) if not lifetimes.is_boundary(row[1])]
    connection.execute_many(kind.move_begin, [{'key': row[0], 'new': lifetimes.floor(row[1])} for row in begins])
    return moved + len(begins)


def _removed(connection: Connection, table_id: str, rows: list[Any], versions: int, waiting: int) -> Removed:
    """`rows` are path and size of the removed files."""
    sizes = {path: size for path, size in rows if path is not None}
    if sizes:
        for (path,) in connection.rows(_PATHS, {'table': table_id}):
            sizes.pop(path, None)
    inlined = [size for path, size in rows if path is None]
    return Removed(
        versions=versions,
        waiting=waiting,
        files=len(sizes) + len(inlined),
        bytes=sum(sizes.values()) + sum(inlined),
        paths=tuple(sizes),
    )
