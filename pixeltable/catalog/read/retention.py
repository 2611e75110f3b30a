"""Which versions of a table a retention keeps."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from pixeltable.catalog.connection import Connection
from pixeltable.catalog.database import Database
from pixeltable.catalog.read.times import newest_commit_up_to
from pixeltable.catalog.requirements import LAST_VERSION
from pixeltable.catalog.retention import Retention
from pixeltable.catalog.tables import live, versions

_NEWEST_AT = (
    select(versions.c.version)
    .where(versions.c.table_id == bindparam('table'), live(versions), versions.c.commit_id <= bindparam('commit'))
    .order_by(versions.c.version.desc())
    .limit(1)
)
_IN_REACH = select(func.count()).where(
    versions.c.table_id == bindparam('table'),
    live(versions),
    versions.c.vacuumed.is_(None),
    versions.c.version < bindparam('first'),
)


def first_kept(connection: Connection, table_id: str, retain: Retention, now: int) -> int:
    """The first version that is kept for its own sake: the newest is, and what either limit keeps. `now` is in microseconds."""
    firsts = []
    if retain.versions is not None:
        newest = connection.row(LAST_VERSION, {'table': table_id})
        firsts.append(0 if newest is None else newest[0] - retain.versions + 1)
    if retain.seconds is not None:
        # The version that was the newest when the time began was seen in it.
        then = newest_commit_up_to(connection, now - int(retain.seconds * 1e6))
        row = connection.row(_NEWEST_AT, {'table': table_id, 'commit': then})
        firsts.append(0 if row is None else row[0])
    return max(0, min(firsts, default=0))


def expired(database: Database, table_id: str, retain: Retention, now: int) -> int:
    """How many versions can still be read that the retention does not keep, those that snapshots need included."""
    with database.read() as connection:
        first = first_kept(connection, table_id, retain, now)
        count: int = connection.row(_IN_REACH, {'table': table_id, 'first': first})[0]
    return count
