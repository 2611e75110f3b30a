"""Finds the rows of a stretch again in the other state, by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixeltable.exec.differences.segments import Stretch, live_mask, moved_columns, row_ids
from pixeltable.exec.source import Source

_Integers = NDArray[np.int64]
_Rows = tuple[_Integers, _Integers]
"""Ids and places, by ascending id."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows that both states have, by id, their places before and after, and those of the columns in which they may differ."""

    ids: _Integers
    places: tuple[_Integers, _Integers]
    columns: list[int]


class Matching:
    """The rows of a stretch. `deleted` and `inserted` are known when all of `kept` was taken."""

    deleted: _Rows
    inserted: _Rows

    def __init__(self, before: Source, after: Source, stretch: Stretch, columns: Sequence[int]) -> None:
        """`columns` are those of which it matters whether they differ."""
        self._before = before
        self._after = after
        self._stretch = stretch
        self._columns = list(columns)

    def kept(self) -> Iterator[Kept]:
        """Those that both states have, but for what is known to be the same."""
        before, after = self._before, self._after
        left, right = _Side(before), _Side(after)
        for old, new in self._stretch.same_rows:
            one, other = before.contents.segments[old], after.contents.segments[new]
            was, is_ = live_mask(one), live_mask(other)
            left.add(old, was & ~is_)
            right.add(new, is_ & ~was)
            columns = moved_columns(one, other, self._columns)
            if columns:
                kept = np.flatnonzero(was & is_)
                places = kept + before.offsets[old], kept + after.offsets[new]
                yield Kept(row_ids(before, old)[kept], places, columns)
        for old in self._stretch.before:
            left.add(old, live_mask(before.contents.segments[old]))
        for new in self._stretch.after:
            right.add(new, live_mask(after.contents.segments[new]))
        (old_ids, old_places), (new_ids, new_places) = left.rows(), right.rows()
        if len(old_ids) and len(new_ids):
            ids, at_old, at_new = np.intersect1d(old_ids, new_ids, assume_unique=True, return_indices=True)
            yield Kept(ids, (old_places[at_old], new_places[at_new]), self._columns)
            old_ids, old_places = np.delete(old_ids, at_old), np.delete(old_places, at_old)
            new_ids, new_places = np.delete(new_ids, at_new), np.delete(new_places, at_new)
        self.deleted, self.inserted = (old_ids, old_places), (new_ids, new_places)


class _Side:
    """Rows of one state that the other one does not have at the same place."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ids: list[_Integers] = [np.empty(0, np.int64)]
        self._places: list[_Integers] = [np.empty(0, np.int64)]

    def add(self, index: int, mask: NDArray[np.bool_]) -> None:
        inside = np.flatnonzero(mask)
        if len(inside):
            self._ids.append(row_ids(self._source, index)[inside])
            self._places.append(inside + self._source.offsets[index])

    def rows(self) -> _Rows:
        ids, places = np.concatenate(self._ids), np.concatenate(self._places)
        order = np.argsort(ids, kind='stable')
        return ids[order], places[order]
