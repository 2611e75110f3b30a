"""The segments of a table over a stretch of its commits, read at once: which of them differ between any two commits of it.

It is for many steps that each touch a few segments. The contents as one commit sees them are in `contents`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Table, bindparam, select, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from pixeltable.catalog.database import Database
from pixeltable.catalog.read.contents import build, deletes_by_segment, files_by_segment
from pixeltable.catalog.read.horizon import HORIZON, check_readable
from pixeltable.catalog.records import Segment
from pixeltable.catalog.tables import deletes, files, live, segments

_KINDS = (segments, files, deletes)


def _seen_between(table: Table) -> CompoundSelect[Any]:
    """Rows that some commit from `:low` to `:high` sees."""
    rows = select(table).where(table.c.table_id == bindparam('table'), table.c.begin <= bindparam('high'))
    return union_all(rows.where(live(table)), rows.where(table.c.end > bindparam('low')))


class _Kind:
    """How rows of one table of the catalog are read."""

    def __init__(self, table: Table) -> None:
        names = list(table.c.keys())
        self.seen = _seen_between(table)
        self.begin, self.end = names.index('begin'), names.index('end')
        self.owner = names.index('id' if table is segments else 'segment_id')


_READ = {table: _Kind(table) for table in _KINDS}


class Timeline:
    """What the given commits of a table see of its segments. Raises PATH_NOT_FOUND if one of them was vacuumed."""

    def __init__(self, database: Database, table_id: str, commits: Sequence[int]) -> None:
        parameters = {'table': table_id, 'low': min(commits), 'high': max(commits)}
        self._rows: dict[Table, dict[int, list[Any]]] = {table: defaultdict(list) for table in _KINDS}
        events: list[tuple[int | None, int]] = []
        with database.read() as connection:
            row = connection.row(HORIZON, {'table': table_id})
            for commit in commits:
                check_readable(connection, table_id, commit, None if row is None else row[0])
            found = {table: connection.rows(kind.seen, parameters) for table, kind in _READ.items()}
        for table, kind in _READ.items():
            for row in found[table]:
                self._rows[table][row[kind.owner]].append(row)
                events += (row[kind.begin], row[kind.owner]), (row[kind.end], row[kind.owner])
        happened = sorted((commit, segment_id) for commit, segment_id in events if commit is not None)
        self._commits = np.array([commit for commit, _ in happened], np.int64)
        self._owners = np.array([segment_id for _, segment_id in happened], np.int64)

    def between(self, before: int, after: int) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
        """The segments that differ, as commit `before` and as commit `after` sees them; `after` may be the earlier one."""
        start, stop = np.searchsorted(self._commits, sorted((before, after)), side='right')
        touched = np.unique(self._owners[start:stop]).tolist()
        return self._at(touched, before), self._at(touched, after)

    def _at(self, segment_ids: Iterable[int], commit: int) -> tuple[Segment, ...]:
        def seen(table: Table) -> list[Any]:
            kind, by_segment = _READ[table], self._rows[table]
            rows = (row for segment_id in segment_ids for row in by_segment.get(segment_id, ()))
            return [
                row for row in rows if row[kind.begin] <= commit and (row[kind.end] is None or row[kind.end] > commit)
            ]

        return build(seen(segments), files_by_segment(seen(files)), deletes_by_segment(seen(deletes)))
