"""The segments that a commit sees, carried forward from an earlier commit by reading only what began or ended since.

The cache holds one immutable `Contents` a table; threads that refresh it at once do the same work twice, and no harm.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select

from pixeltable.catalog import documents
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.database import Database
from pixeltable.catalog.read.horizon import HORIZON, check_readable
from pixeltable.catalog.read.paths import LAST_COMMIT
from pixeltable.catalog.records import Contents, DeleteVector, FileRecord, Segment
from pixeltable.catalog.tables import deletes, files, live, segments, tables, visible, visible_rows
from pixeltable.catalog.transaction import table_not_found

_STATE = select(
    LAST_COMMIT.scalar_subquery(),
    select(tables.c.row).where(tables.c.id == bindparam('table'), live(tables)).scalar_subquery(),
    HORIZON.scalar_subquery(),
)
_TABLE_AT = select(tables.c.row, HORIZON.scalar_subquery()).where(tables.c.id == bindparam('table'), visible(tables))
_KINDS = (segments, files, deletes)
_ALL = [visible_rows(table) for table in _KINDS]
_BEGUN = [visible_rows(table, table.c.begin > bindparam('since')) for table in _KINDS]
_ENDED = [
    select(table.c.id).where(
        table.c.table_id == bindparam('table'), table.c.end > bindparam('since'), table.c.end <= bindparam('at')
    )
    for table in _KINDS
]


class ContentsCache:
    """Reads contents of one catalog and keeps the newest of each table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest: dict[str, Contents] = {}

    def get(self, table_id: str, at: int | None) -> Contents:
        """Raises NotFoundError TABLE_NOT_FOUND if the table does not exist at commit `at`, or now."""
        cached = self._newest.get(table_id)
        if cached is not None and cached.commit == at and self._holds(cached):
            return cached
        if at is None or cached is None or cached.commit <= at:
            return self._forward(table_id, at, cached)
        with self._database.read() as connection:
            return _read_at(connection, table_id, at)

    def _holds(self, cached: Contents) -> bool:
        """Whether the past that contents are of is still what it was: a purge or a repair may have written it anew."""
        row = self._database.connection().row(HORIZON, {'table': cached.table_id})
        return row is not None and row[0] <= cached.commit

    def _forward(self, table_id: str, at: int | None, cached: Contents | None) -> Contents:
        last, exists, horizon = self._database.connection().row(_STATE, {'table': table_id})
        if exists is None:
            self._newest.pop(table_id, None)
        if cached is not None and cached.commit < (horizon or 0):
            cached = None  # rows that ended since may be gone without a trace
        if at is None and exists is None:
            raise table_not_found(table_id)
        if cached is not None and cached.commit == last and exists is not None:
            return cached
        target = last if at is None else at
        with self._database.read() as connection:
            if cached is None or exists is None or target > last:
                contents = _read_at(connection, table_id, target)
            else:
                contents = _refresh(connection, cached, target)
        if exists is not None and target <= last:
            self._newest[table_id] = contents
        return contents


def _read_at(connection: Connection, table_id: str, at: int) -> Contents:
    parameters = {'table': table_id, 'at': at}
    row = connection.row(_TABLE_AT, parameters)
    if row is None:
        raise table_not_found(table_id)
    check_readable(connection, table_id, at, row[1])
    segment_rows, file_rows, delete_rows = (connection.rows(statement, parameters) for statement in _ALL)
    return Contents(table_id, at, build(segment_rows, files_by_segment(file_rows), deletes_by_segment(delete_rows)))


def newest(connection: Connection, known: Contents) -> Contents:
    """What the newest commit sees of the table whose contents were `known`; the same object if nothing was committed since."""
    last: int = connection.row(LAST_COMMIT)[0]
    return known if last == known.commit else _refresh(connection, known, last)


def _refresh(connection: Connection, known: Contents, at: int) -> Contents:
    parameters = {'table': known.table_id, 'since': known.commit, 'at': at}
    row = connection.row(HORIZON, parameters)
    if row is not None and known.commit < row[0]:
        return _read_at(connection, known.table_id, at)
    segment_rows, file_rows, delete_rows = (connection.rows(statement, parameters) for statement in _BEGUN)
    ended = [{row[0] for row in connection.rows(statement, parameters)} for statement in _ENDED]
    new_files, new_deletes = files_by_segment(file_rows), deletes_by_segment(delete_rows)
    added = build(segment_rows, new_files, new_deletes)
    new_ids = {segment.id for segment in added}
    kept = known.segments
    if any(ended) or not (new_files.keys() | new_deletes.keys()) <= new_ids:
        kept = _patch(kept, ended, new_files, new_deletes)
    return Contents(known.table_id, at, _merge(kept, added))


def _patch(
    known: tuple[Segment, ...],
    ended: list[set[int]],
    new_files: dict[int, list[FileRecord]],
    new_deletes: dict[int, DeleteVector],
) -> tuple[Segment, ...]:
    """The segments that did not end, with the files and deletes that they have now."""
    ended_segments, ended_files, ended_deletes = ended
    segments = []
    for segment in known:
        if segment.id in ended_segments:
            continue
        kept = tuple(file for file in segment.files if file.id not in ended_files) if ended_files else segment.files
        old = segment.deletes if segment.deletes and segment.deletes.id not in ended_deletes else None
        vector = new_deletes.get(segment.id, old)
        if segment.id in new_files or len(kept) != len(segment.files) or vector is not segment.deletes:
            kept += tuple(new_files.get(segment.id, ()))
            segment = dataclasses.replace(segment, files=kept, deletes=vector)
        segments.append(segment)
    return tuple(segments)


def _merge(kept: tuple[Segment, ...], added: tuple[Segment, ...]) -> tuple[Segment, ...]:
    if not kept or not added or _order(kept[-1]) < _order(added[0]):
        return kept + added
    return tuple(sorted(kept + added, key=_order))


def _order(segment: Segment) -> tuple[int, int]:
    return segment.min_id, segment.id


def build(
    rows: Iterable[Any], files_of: dict[int, list[FileRecord]], deletes_of: dict[int, DeleteVector]
) -> tuple[Segment, ...]:
    """Rows of `segments`, with what belongs to them, in order."""
    found = [
        Segment(id_, table_id, count, first, low, high, tuple(files_of.get(id_, ())), deletes_of.get(id_))
        for id_, table_id, count, first, low, high, _, _ in rows
    ]
    return tuple(sorted(found, key=_order))


def files_by_segment(rows: Iterable[Any]) -> dict[int, list[FileRecord]]:
    """Rows of `files`, in the order in which they count."""
    grouped: dict[int, list[FileRecord]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: int(row[0])):
        id_, segment_id, _, stored, size, checksum, _, _, path, stats, blocks, data = row
        columns = documents.stored_columns(stored)
        grouped[segment_id].append(FileRecord(id_, segment_id, columns, size, checksum, path, data, stats, blocks))
    return grouped


def deletes_by_segment(rows: Iterable[Any]) -> dict[int, DeleteVector]:
    return {segment_id: DeleteVector(id_, segment_id, count, data) for id_, segment_id, _, count, _, _, data in rows}
