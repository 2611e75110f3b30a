"""Turns the inlined segments that gathered in the catalog into Parquet: when, and what the commit that does it changes.

A flush moves rows and changes nothing that users see. Merging Parquet files is compaction, which is not done here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import AddSegment, Change, EndSegment, Requirement, SegmentIs
from pixeltable.catalog.records import ROW_ID, Contents, Segment, StoredColumn
from pixeltable.storage.segments import ReadColumn, SegmentStore, locate

MAX_INLINED = 64
"""Segments: more of them make every read slower, by some 20 µs each."""

MAX_INLINED_BYTES = 4 << 20

ROW_ID_NAME = '_rowid'
"""What the row id is called in a file that stores it."""


def plan_flush(contents: Contents) -> tuple[Segment, ...]:
    """The segments to flush now: all that are inlined entirely, once they are many or large; else none.

    A segment that also has a Parquet file stays: compaction merges those.
    """
    inlined = tuple(segment for segment in contents.segments if _is_wholly_inlined(segment))
    size = sum(file.size for segment in inlined for file in segment.files)
    return inlined if len(inlined) > MAX_INLINED or size > MAX_INLINED_BYTES else ()


def flush(
    store: SegmentStore, segments: Sequence[Segment], *, columns: Collection[int] | None = None
) -> tuple[tuple[Change, ...], tuple[Requirement, ...]]:
    """Write the live rows of `segments` to Parquet; the changes and requirements of the commit that swaps them in.

    Segments whose columns were computed by different code go to different files, so that each keeps its fingerprint.

    Args:
        columns: the ids of the columns to keep; None keeps all that are stored.
    """
    groups: dict[frozenset[tuple[int, str]], list[Segment]] = {}
    for segment in sorted(segments, key=lambda segment: (segment.min_id, segment.id)):
        groups.setdefault(_fingerprints(segment, columns), []).append(segment)
    changes: list[Change] = [EndSegment(segment.id) for segment in segments]
    for group in groups.values():
        if any(segment.live_rows for segment in group):
            changes.append(_merge(store, group, columns))
    requirements = tuple(SegmentIs.of(segment) for segment in segments)
    return tuple(changes), requirements


def _is_wholly_inlined(segment: Segment) -> bool:
    return bool(segment.files) and all(file.data is not None for file in segment.files)


def _is_kept(column_id: int, columns: Collection[int] | None) -> bool:
    return column_id != ROW_ID and (columns is None or abs(column_id) in columns)


def _fingerprints(segment: Segment, columns: Collection[int] | None) -> frozenset[tuple[int, str]]:
    """What made the computed columns of `segment`. A column not computed yet has no part in it, and stays missing."""
    return frozenset(
        (column_id, place.fingerprint)
        for column_id, place in locate(segment).items()
        if column_id > 0 and place.fingerprint is not None and _is_kept(column_id, columns)
    )


def _merge(store: SegmentStore, group: Sequence[Segment], columns: Collection[int] | None) -> AddSegment:
    """One Parquet segment with the live rows of `group`, ordered by row id."""
    stored, wanted = _columns(store, group, columns)
    table = pa.concat_tables(list(store.read_many(group, wanted)))
    ids = table.column(0).to_numpy()
    if np.any(ids[1:] < ids[:-1]):
        table = table.take(np.argsort(ids, kind='stable'))
        ids = table.column(0).to_numpy()
    first, last = int(ids[0]), int(ids[-1])
    is_contiguous = last - first + 1 == len(ids)
    if is_contiguous:
        table, stored = table.drop_columns([ROW_ID_NAME]), stored[1:]
    file = store.write(group[0].table_id, table, stored, inline=False)
    if is_contiguous:
        return AddSegment(group[0].table_id, len(ids), (file,), first_id=first)
    return AddSegment(group[0].table_id, len(ids), (file,), id_range=(first, last))


def _columns(
    store: SegmentStore, group: Sequence[Segment], columns: Collection[int] | None
) -> tuple[list[StoredColumn], list[ReadColumn]]:
    """The columns of all of `group`, the row id first, each as the newest segment that has it spells and types it."""
    by_age = sorted(group, key=lambda segment: segment.id)
    places = {column_id: place for segment in by_age for column_id, place in locate(segment).items()}
    types = {column_id: type_ for segment in by_age for column_id, type_ in store.types(segment).items()}
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
