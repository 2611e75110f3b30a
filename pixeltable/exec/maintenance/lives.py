"""What a stored segment looked like over its life, and which versions saw it when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pixeltable.catalog.read.stored import Lived, StoredSegment
from pixeltable.catalog.records import DeleteVector, FileRecord
from pixeltable.storage import deletes


@dataclass(frozen=True, slots=True)
class Stage:
    """A segment as the commits from `begin` on see it, up to `end`, which is not included."""

    begin: int
    end: int
    files: tuple[FileRecord, ...]
    vector: DeleteVector | None

    def live(self, rows: int) -> NDArray[np.bool_]:
        """Which of the segment's rows are not deleted."""
        if self.vector is None:
            return np.ones(rows, np.bool_)
        return deletes.decode(self.vector.data, rows)


def stages(stored: StoredSegment) -> Iterator[Stage]:
    """The stages of a segment's life, one after the other."""
    parts = (*stored.files, *stored.deletes)
    cuts = {stored.life.begin, stored.life.end}
    cuts |= {commit for _, life in parts for commit in (life.begin, life.end)}
    for begin, end in pairwise(sorted(cuts)):
        files = tuple(file for file, life in stored.files if life.begin <= begin < life.end)
        vector = next((vector for vector, life in stored.deletes if life.begin <= begin < life.end), None)
        yield Stage(begin, end, files, vector)


class Stretches:
    """The commits that see each readable version, in their order."""

    def __init__(self, stretches: Sequence[Lived]) -> None:
        self._begins = np.array([stretch.begin for stretch in stretches], np.int64)
        self._ends = np.array([stretch.end for stretch in stretches], np.int64)

    def __len__(self) -> int:
        return len(self._begins)

    def between(self, begin: int, end: int) -> NDArray[np.int64]:
        """The numbers of the versions that a commit from `begin` up to, and without, `end` sees."""
        first = np.searchsorted(self._ends, begin, side='right')
        last = np.searchsorted(self._begins, end, side='left')
        return np.arange(first, max(first, last))
