"""What a table held after each of its commits, in their order: what a change feed follows.

A history forgets the versions that `revert` took back; here they are still seen, and so is the commit that took them back.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from pixeltable.catalog.database import Database
from pixeltable.catalog.past import State
from pixeltable.catalog.tables import commits, live, versions

_MADE = commits.alias('made')
_TAKEN_BACK = commits.alias('taken_back')
_ROWS = select(versions.c.version, versions.c.commit_id, versions.c.end, versions.c.vacuumed, _MADE.c.created_at)
_JOINED = versions.join(_MADE, _MADE.c.id == versions.c.commit_id)
_OF_TABLE = versions.c.table_id == bindparam('table')
_FORGOTTEN = (
    _ROWS.add_columns(_TAKEN_BACK.c.created_at)
    .select_from(_JOINED.join(_TAKEN_BACK, _TAKEN_BACK.c.id == versions.c.end))
    .where(_OF_TABLE, versions.c.end > bindparam('since'))
)
_LIVE = _ROWS.select_from(_JOINED).where(_OF_TABLE, live(versions))
_KNOWN = _LIVE.where(versions.c.begin <= bindparam('since')).order_by(versions.c.version.desc()).limit(1)
_NEW = _LIVE.where(versions.c.version >= bindparam('lowest'), versions.c.begin > bindparam('since'))


def states(database: Database, table_id: str, since: int) -> tuple[State | None, list[State]]:
    """The state at commit `since`, None if the table did not exist then, and all later ones.

    A table's versions are a stack: a commit adds one, a revert takes the last one off. One that was taken off and vacuumed is
    passed over, as if it had not been.
    """
    with database.read() as connection:
        forgotten = connection.rows(_FORGOTTEN, {'table': table_id, 'since': since})
        known = connection.rows(_KNOWN, {'table': table_id, 'since': since})
        stack = sorted(row for row in [*known, *(row[:5] for row in forgotten)] if row[1] <= since)
        # What came since began no lower than where reverts went.
        lowest = min([row[0] for row in stack if row[2] is not None] or [stack[-1][0] + 1 if stack else 0])
        new = connection.rows(_NEW, {'table': table_id, 'since': since, 'lowest': lowest})
    begun = [row[:5] for row in (*new, *forgotten) if row[1] > since]
    events = [(row[1], row[4], row) for row in begun] + [(row[2], row[5], None) for row in forgotten]
    start = _state(stack[-1], since, 0) if stack else None
    later = []
    for commit, created_at, row in sorted(events, key=lambda event: int(event[0])):
        if row is None:
            stack.pop()
        else:
            stack.append(row)
        _, _, end, vacuumed, _ = stack[-1]
        if end is None or vacuumed is None:
            later.append(_state(stack[-1], commit, created_at))
    return start, later


def _state(row: Any, commit: int, created_at: int) -> State:
    version, content, _, vacuumed, made_at = row
    return State(commit, created_at or made_at, version, content, vacuumed)
