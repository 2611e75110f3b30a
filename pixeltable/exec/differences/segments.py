"""Which segments two states of a table do not share, by metadata alone; those whose row ids may meet are kept together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixeltable.catalog.records import ROW_ID, FileRecord, Segment
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.storage import deletes
from pixeltable.storage.places import Place, locate
from pixeltable.types import buffers

_Integers = NDArray[np.int64]
_Unit = tuple[Segment, int | None, int | None]


@dataclass(slots=True)
class Stretch:
    """Segments of both states, by their index, that no other stretch shares a row id with.

    `same_rows` has pairs that hold the same rows in the same order, and differ in delete vectors or in files with columns.
    """

    same_rows: list[tuple[int, int]] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)


def stretches(before: Source, after: Source) -> Iterator[Stretch]:
    """By ascending row id."""
    shared = {_contents(each) for each in before.contents.segments} & {
        _contents(each) for each in after.contents.segments
    }
    sides = [
        [index for index, each in enumerate(source.contents.segments) if _contents(each) not in shared]
        for source in (before, after)
    ]
    pairs = dict(_same_rows(before.contents.segments, after.contents.segments, *sides))
    paired = set(pairs.values())
    units: list[_Unit] = [(before.contents.segments[old], old, pairs.get(old)) for old in sides[0]]
    units += [(after.contents.segments[new], None, new) for new in sides[1] if new not in paired]
    stretch, end = Stretch(), None
    for segment, old, new in sorted(units, key=lambda unit: unit[0].min_id):
        if end is not None and segment.min_id > end:
            yield stretch
            stretch, end = Stretch(), None
        end = segment.max_id if end is None else max(end, segment.max_id)
        if old is not None and new is not None:
            stretch.same_rows.append((old, new))
        elif old is not None:
            stretch.before.append(old)
        elif new is not None:
            stretch.after.append(new)
    if units:
        yield stretch


def live_mask(segment: Segment) -> NDArray[np.bool_]:
    """Which rows of a segment are not deleted."""
    if segment.deletes is None:
        return np.ones(segment.rows, np.bool_)
    return deletes.decode(segment.deletes.data, segment.rows)


def row_ids(source: Source, index: int) -> NDArray[np.int64]:
    """The ids of all rows of a segment, deleted ones included; reads a file only where ids are stored."""
    segment = source.contents.segments[index]
    if segment.first_id is not None:
        return np.arange(segment.first_id, segment.first_id + segment.rows, dtype=np.int64)
    table = source.read_segment(index, segment, [ROW_ID_FIELD], keep_deleted=True)
    ids: NDArray[np.int64] = buffers.numbers(table.column(ROW_ID_FIELD))
    return ids


def moved_columns(one: Segment, other: Segment, columns: Sequence[int]) -> list[int]:
    """Those of `columns` that two segments with the same rows read from different files."""
    old, new = locate(one), locate(other)
    return [column for column in columns if _where(old.get(column)) != _where(new.get(column))]


def _same_rows(
    before: Sequence[Segment], after: Sequence[Segment], old: Sequence[int], new: Sequence[int]
) -> Iterator[tuple[int, int]]:
    known = {_rows(after[index]): index for index in new}
    for index in old:
        key = _rows(before[index])
        if key in known:
            yield index, known.pop(key)


def _contents(segment: Segment) -> Any:
    """Equal for segments with the same rows and cells: a restored segment has another id and the same files."""
    vector = None if segment.deletes is None else segment.deletes.data
    return segment.rows, segment.first_id, tuple((_bytes(file), file.columns) for file in segment.files), vector


def _rows(segment: Segment) -> Any:
    """Equal for segments with the same rows in the same order, but for deletions and columns that came later."""
    first = (_bytes(segment.files[0]), segment.files[0].columns) if segment.files else None
    return segment.rows, segment.first_id, first, _where(locate(segment).get(ROW_ID))


def _where(place: Place | None) -> Any:
    return None if place is None else (_bytes(place.file), place.name)


def _bytes(file: FileRecord) -> str:
    """What tells the content of a file: its path is never used again, and inlined data has only its checksum."""
    return file.checksum if file.path is None else file.path
