"""Objects that no commit names, and how to be sure that none will.

An object lies in the store before a commit names it; if its writer crashes, it stays there as an orphan. From outside, an
orphan looks like the object of a writer who is not done yet. So whoever removes orphans first sets a *bound*, a time, and
records it: only objects whose names were made before the bound are removed, and since then no commit names such an object
(`check_bound`). Both happen in write transactions, which come one after the other, so for an object from before the bound:

- if the commit that names it came first, the removal finds it named and leaves it;
- if the bound was recorded first, the commit fails, and nothing that was acknowledged is lost.

Safety thus hangs on no clock and no lease. These only see to it that the commit of a slow writer need not fail: the bound is
a grace period back, and never later than the commit of a lease.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, func, select

from pixeltable._support.time_ids import made_at
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.database import Database
from pixeltable.catalog.tables import commits, files, leases, meta
from pixeltable.errors import ConcurrencyError, ErrorCode

_KEY = 'orphans_before'

_BOUND = select(meta.c.value).where(meta.c.key == _KEY)
_INSERT_BOUND = meta.insert()
_UPDATE_BOUND = meta.update().where(meta.c.key == bindparam('name')).values(value=bindparam('new'))
_EXPIRE = delete(leases).where(leases.c.expires <= bindparam('now'))
_OLDEST_LEASE = select(func.min(commits.c.created_at)).select_from(
    leases.join(commits, commits.c.id == leases.c.commit)
)
_PATHS = select(files.c.path).where(files.c.path.is_not(None)).distinct()


def named(database: Database) -> set[str]:
    """The keys of all objects that some commit names."""
    return {row[0] for row in database.connection().rows(_PATHS)}


def possible_bound(database: Database, quiet_since: int, now: int) -> int:
    """The latest bound, up to `quiet_since`, that spares those who hold leases. Forgets leases that have expired."""
    with database.write() as connection:
        connection.execute(_EXPIRE, {'now': now})
        oldest = connection.row(_OLDEST_LEASE)[0]
    return quiet_since if oldest is None else min(quiet_since, oldest)


def condemn(database: Database, keys: Iterable[str], bound: int) -> list[str]:
    """Those of `keys`, objects from before `bound`, that no commit names and none will: they may be deleted."""
    with database.write() as connection:
        known = {row[0] for row in connection.rows(_PATHS)}
        orphans = [key for key in keys if key not in known]
        last = _recorded(connection)
        if orphans and last is None:
            connection.execute(_INSERT_BOUND, {'key': _KEY, 'value': str(bound)})
        elif orphans and last is not None and last < bound:
            connection.execute(_UPDATE_BOUND, {'name': _KEY, 'new': str(bound)})
    return orphans


def written_at(key: str) -> int | None:
    """When the name of an object was made, in microseconds since 1970; None for a name that is not one of ours."""
    return made_at(key.rpartition('/')[2].partition('.')[0])


def check_bound(connection: Connection, key: str) -> None:
    """Raises CONCURRENT_MODIFICATION if the object, which a commit is about to name, may have been removed as an orphan."""
    bound = _recorded(connection)
    if bound is not None and (written_at(key) or 0) < bound:
        raise ConcurrencyError(
            ErrorCode.CONCURRENT_MODIFICATION,
            'what this operation wrote was taken for the leftovers of a crash and may have been removed, because it did not '
            'report for longer than vacuum_grace_s; nothing was changed: do it again.',
        )


def _recorded(connection: Connection) -> int | None:
    row = connection.row(_BOUND)
    return None if row is None else int(row[0])
