"""Leases: what a process that works for long still needs, so that a vacuum by anybody leaves it alone.

A lease names a commit. It keeps what that commit sees, and objects that were written since, which their writer is about to
name. It counts until it expires; who crashed renews none.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, delete

from pixeltable.catalog.database import Database
from pixeltable.catalog.read.times import newest_commit_up_to
from pixeltable.catalog.tables import leases

_INSERT = leases.insert()
# The ids of an owner begin with its name and a colon; a semicolon is the character after it.
_DELETE = delete(leases).where(leases.c.id >= bindparam('low'), leases.c.id < bindparam('high'))


def hold(database: Database, owner: str, commits: Collection[int], written: Collection[int], expires: int) -> None:
    """Replaces the leases of `owner`, until `expires`: for `commits` that it reads, and for times when it wrote objects.

    Times are microseconds since 1970.
    """
    with database.write() as connection:
        needed = {*commits, *(newest_commit_up_to(connection, time) for time in written)}
        connection.execute(_DELETE, {'low': f'{owner}:', 'high': f'{owner};'})
        connection.execute_many(
            _INSERT, [{'id': f'{owner}:{commit}', 'commit': commit, 'expires': expires} for commit in sorted(needed)]
        )
