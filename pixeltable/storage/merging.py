"""Puts the live rows of several segments into one Parquet segment: what a flush and a compaction do with those that they chose.

It moves rows and changes nothing that users see: ids, values, errors of cells and fingerprints are kept; deleted rows and the
values of dropped columns are left behind.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa

from pixeltable._support.arrays import ascending
from pixeltable.catalog.changes import AddSegment, Change, EndSegment, Requirement, SegmentIs
from pixeltable.catalog.records import ROW_ID, ColumnRecord, Segment, StoredColumn
from pixeltable.storage.joining import joined
from pixeltable.storage.places import locate
from pixeltable.storage.read_columns import ERROR_DETAILS, ReadColumn
from pixeltable.storage.row_keys import RowKeys
from pixeltable.storage.segments import SegmentStore
from pixeltable.types.buffers import numbers, positions

ROW_ID_NAME = '_rowid'
"""What the row id is called in a file that stores it."""


def merge(
    store: SegmentStore,
    folder: str,
    segments: Sequence[Segment],
    *,
    columns: Collection[int] | None = None,
    derived: Collection[int] = (),
    key: Sequence[ColumnRecord] = (),
    rows: int | None = None,
) -> tuple[tuple[Change, ...], tuple[Requirement, ...]]:
    """Writes the live rows of `segments` to Parquet; the changes and requirements of the commit that swaps them in.

    Segments whose columns were computed by different code go to different files, so that each keeps its fingerprint, and so do
    those that lack different computed columns: a missing one says that its cells are yet to be computed.

    Args:
        folder: of the table.
        columns: the ids of the columns to keep; None keeps all that are stored.
        derived: the ids of the computed ones among them.
        key: the columns of the table's primary key.
        rows: how many a new segment has at most; small ones are inlined then.
    """
    groups: dict[frozenset[tuple[int, str]], list[Segment]] = {}
    for segment in sorted(segments, key=lambda segment: (segment.min_id, segment.id)):
        groups.setdefault(fingerprints(segment, columns, derived), []).append(segment)
    changes: list[Change] = [EndSegment(segment.id) for segment in segments]
    for group in groups.values():
        if any(segment.live_rows for segment in group):
            changes += _merge(store, folder, group, columns, key, rows)
    requirements = tuple(SegmentIs.of(segment) for segment in segments)
    return tuple(changes), requirements


def _is_kept(column_id: int, columns: Collection[int] | None) -> bool:
    return column_id != ROW_ID and (columns is None or abs(column_id) in columns)


def fingerprints(
    segment: Segment, columns: Collection[int] | None, derived: Collection[int] = ()
) -> frozenset[tuple[int, str]]:
    """The computed columns that `segment` has, and what made them; '' for several."""
    return frozenset(
        (column_id, place.fingerprint or '')
        for column_id, place in locate(segment).items()
        if column_id > 0 and (place.fingerprint is not None or column_id in derived) and _is_kept(column_id, columns)
    )


def _merge(
    store: SegmentStore,
    folder: str,
    group: Sequence[Segment],
    columns: Collection[int] | None,
    key: Sequence[ColumnRecord],
    rows: int | None,
) -> list[AddSegment]:
    """One Parquet segment with the live rows of `group`, ordered by row id; or several, of so many rows each."""
    group = joined(group)
    stored, wanted = _columns(store, group, columns)
    table = pa.concat_tables([store.read(segment, wanted, cache=False) for segment in group])
    ids = numbers(table.column(0))
    if np.any(ids[1:] < ids[:-1]):
        table = table.take(positions(ascending(ids)))
        ids = numbers(table.column(0))
    if rows is None:
        return [_written(store, folder, group[0].table_id, table, stored, key, False)]
    parts = (table.slice(start, rows) for start in range(0, len(ids), rows))
    return [_written(store, folder, group[0].table_id, part, stored, key, None) for part in parts]


def _written(
    store: SegmentStore,
    folder: str,
    table_id: str,
    table: pa.Table,
    stored: Sequence[StoredColumn],
    key: Sequence[ColumnRecord],
    inline: bool | None,
) -> AddSegment:
    """A segment with the rows of `table`, whose first column is the row id."""
    ids = table.column(0)
    first, last, count = ids[0].as_py(), ids[-1].as_py(), len(ids)
    is_contiguous = last - first + 1 == count
    if is_contiguous:
        table, stored = table.drop_columns([ROW_ID_NAME]), stored[1:]
    keys = RowKeys.among(key, table, stored) if key else None
    files = store.write_segment(folder, table, stored, keys=keys, inline=inline)
    if is_contiguous:
        return AddSegment(table_id, count, files, first_id=first)
    return AddSegment(table_id, count, files, id_range=(first, last))


def _columns(
    store: SegmentStore, group: Sequence[Segment], columns: Collection[int] | None
) -> tuple[list[StoredColumn], list[ReadColumn]]:
    """The columns of all of `group`, the row id first, each as the newest segment that has it spells and types it."""
    by_age = sorted(group, key=lambda segment: segment.id)
    places = {column_id: place for segment in by_age for column_id, place in locate(segment).items()}
    types: dict[int, pa.DataType] = {}
    for segment in by_age:
        for column_id, type_ in store.types(segment).items():
            has_other_details = column_id < 0 and types.get(column_id, type_) != type_
            types[column_id] = ERROR_DETAILS if has_other_details else type_
    stored = [StoredColumn(ROW_ID, ROW_ID_NAME)]
    wanted = [ReadColumn(ROW_ID, ROW_ID_NAME, pa.int64())]
    taken = {ROW_ID_NAME}
    for column_id in sorted(
        filter(lambda column_id: _is_kept(column_id, columns), places), key=lambda id_: (abs(id_), -id_)
    ):
        place = places[column_id]
        name = place.name
        while name in taken:  # by a column that had this name when its rows were written
            name += f'_{abs(column_id)}'
        taken.add(name)
        stored.append(StoredColumn(column_id, name, place.fingerprint))
        wanted.append(ReadColumn(column_id, name, types[column_id]))
    return stored, wanted
