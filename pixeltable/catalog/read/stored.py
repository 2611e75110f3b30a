"""All that is stored of a table's rows, for whatever commit, with its lifetime: what a purge has to look through.

Contents are what one commit sees of this; see `contents`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, bindparam, select

from pixeltable.catalog import documents
from pixeltable.catalog.database import Database
from pixeltable.catalog.read.contents import build, deletes_by_segment, files_by_segment
from pixeltable.catalog.records import ColumnRecord, DeleteVector, FileRecord, Segment
from pixeltable.catalog.tables import columns, deletes, files, live, segments, versions

SEGMENTS_AT_ONCE = 256

FOREVER = 2**62
"""The end of what is live."""


@dataclass(frozen=True, slots=True)
class Lived:
    """A commit sees it from `begin` on, up to `end`, which is not included."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment with every file and every delete vector that it has or had, by their ids; `segment` itself has none."""

    segment: Segment
    life: Lived
    files: tuple[tuple[FileRecord, Lived], ...]
    deletes: tuple[tuple[DeleteVector, Lived], ...]


_SEGMENTS = (
    select(segments)
    .where(segments.c.table_id == bindparam('table'), segments.c.id > bindparam('after'))
    .order_by(segments.c.id)
    .limit(SEGMENTS_AT_ONCE)
)


def _between(table: Table) -> Any:
    return (
        select(table)
        .where(table.c.table_id == bindparam('table'))
        .where(table.c.segment_id >= bindparam('low'), table.c.segment_id <= bindparam('high'))
        .order_by(table.c.id)
    )


_FILES, _DELETES = _between(files), _between(deletes)
_COLUMNS = select(columns.c.doc).where(columns.c.table_id == bindparam('table')).order_by(columns.c.row)
_NEXT = versions.alias('following')
_READABLE = (
    select(versions.c.commit_id, _NEXT.c.commit_id)
    .select_from(
        versions.outerjoin(
            _NEXT,
            (_NEXT.c.table_id == versions.c.table_id)
            & _NEXT.c.end.is_(None)
            & (_NEXT.c.version == versions.c.version + 1),
        )
    )
    .where(versions.c.table_id == bindparam('table'), live(versions), versions.c.vacuumed.is_(None))
    .order_by(versions.c.version)
)


def stored_segments(database: Database, table_id: str) -> Iterator[list[StoredSegment]]:
    """All segments of a table in the order of their ids, a few at a time."""
    after = -1
    while True:
        with database.read() as connection:
            rows = connection.rows(_SEGMENTS, {'table': table_id, 'after': after})
            if not rows:
                return
            key = {'table': table_id, 'low': rows[0][0], 'high': rows[-1][0]}
            file_rows, delete_rows = connection.rows(_FILES, key), connection.rows(_DELETES, key)
        yield _joined(rows, file_rows, delete_rows)
        after = rows[-1][0]


def _joined(rows: list[Any], file_rows: list[Any], delete_rows: list[Any]) -> list[StoredSegment]:
    lives = {row[0]: _lived(row[6:8]) for row in (*rows, *file_rows)} | {
        row[0]: _lived(row[4:6]) for row in delete_rows
    }
    found_files = files_by_segment(file_rows)
    found_deletes: dict[int, list[DeleteVector]] = defaultdict(list)
    for row in delete_rows:
        found_deletes[row[1]] += deletes_by_segment([row]).values()
    return [
        StoredSegment(
            segment,
            lives[segment.id],
            tuple((file, lives[file.id]) for file in found_files.get(segment.id, ())),
            tuple((vector, lives[vector.id]) for vector in found_deletes[segment.id]),
        )
        for segment in sorted(build(rows, {}, {}), key=lambda segment: segment.id)
    ]


def _lived(life: Any) -> Lived:
    begin, end = life
    return Lived(begin, FOREVER if end is None else end)


def every_column(database: Database, table_id: str) -> list[ColumnRecord]:
    """The last record of each column that the table has, or had and could have again."""
    rows = database.connection().rows(_COLUMNS, {'table': table_id})
    records = (documents.column_record(row[0]) for row in rows)
    return list({record.id: record for record in records}.values())


def readable_stretches(database: Database, table_id: str) -> list[Lived]:
    """For each version that can be read, ascending, the commits that see it."""
    rows = database.connection().rows(_READABLE, {'table': table_id})
    return [_lived(row) for row in rows]
