"""Which of a table's commits can still be read in full.

A vacuum removes what no kept version needs of all that ended at or before a commit, the table's horizon. Commits from there
on see all that they ever saw. Before it, a commit can be read if the version that was the newest then is kept: what happened
between two versions and changed no content, such as a flush, is then told as if it had happened with the first of them.

Whoever was told of a commit reads it long before it falls behind the horizon, or holds a lease. This check is for those that
slept in between: they get an error, never half of the rows.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select

from pixeltable.catalog.connection import Connection
from pixeltable.catalog.tables import counters, leases, tables, versions, visible
from pixeltable.errors import ErrorCode, NotFoundError

HORIZON = select(counters.c.horizon).where(counters.c.table_id == bindparam('table'))
_VERSION_AT = (
    select(versions.c.version, versions.c.vacuumed)
    .where(versions.c.table_id == bindparam('table'), visible(versions))
    .order_by(versions.c.version.desc())
    .limit(1)
)
_LEASE = select(leases.c.id).where(leases.c.commit == bindparam('at')).limit(1)
_PATH = select(tables.c.path).where(tables.c.id == bindparam('table')).order_by(tables.c.row.desc()).limit(1)


def check_readable(connection: Connection, table_id: str, at: int, horizon: int | None) -> None:
    """Raises NotFoundError PATH_NOT_FOUND if commit `at` sees no longer all of the table that it once saw.

    To be called in the transaction that reads the rest.
    """
    if horizon is None or at >= horizon:
        return
    row = connection.row(_VERSION_AT, {'table': table_id, 'at': at})
    if row is None or row[1] is None or row[1] > horizon or connection.row(_LEASE, {'at': at}) is not None:
        return
    path = connection.row(_PATH, {'table': table_id})[0]
    raise NotFoundError(
        ErrorCode.PATH_NOT_FOUND,
        f'version {row[0]} of {path!r} was vacuumed while it was being read; read a version that is kept, see t.history().',
    )
