"""Which commit was the newest at a time."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from pixeltable.catalog.connection import Connection
from pixeltable.catalog.read.paths import LAST_COMMIT
from pixeltable.catalog.tables import commits

_CREATED_AT = select(commits.c.created_at).where(commits.c.id == bindparam('commit'))


def newest_commit_up_to(connection: Connection, time: int) -> int:
    """The newest commit that is not younger than `time` (microseconds since 1970); 0, the catalog's own, if all are.

    Commits have no gaps and their times never go back, so that a few of them have to be looked at.
    """
    low, high = 0, int(connection.row(LAST_COMMIT)[0]) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if connection.row(_CREATED_AT, {'commit': middle})[0] <= time:
            low = middle
        else:
            high = middle
    return low
