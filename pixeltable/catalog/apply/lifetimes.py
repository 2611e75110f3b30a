"""Which rows of the catalog no kept commit sees any more: arithmetic on lifetimes, without a database.

A row that lives in `[begin, end)` is seen by the commits in between. What happened between two *boundaries*, such as the
versions of a table, changed no content: a flush, a compaction. A vacuum tells it as if it had happened with the boundary before
it, so that a kept version needs the rows that were there last and not those that it began with. `floor` is that boundary.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ended:
    """Rows that ended with a commit from `low` to `high`, and began with `begin_from` or later."""

    low: int
    high: int
    begin_from: int


class Lifetimes:
    """The boundaries of one table, ascending, and those of them whose contents are kept."""

    def __init__(self, boundaries: Iterable[int], kept: Iterable[int]) -> None:
        self._boundaries: Sequence[int] = sorted(set(boundaries))
        self._kept: Sequence[int] = sorted(set(kept))

    def floor(self, commit: int) -> int:
        """The last boundary up to `commit`; itself if there is none."""
        place = bisect_right(self._boundaries, commit)
        return self._boundaries[place - 1] if place else commit

    def is_boundary(self, commit: int) -> bool:
        return self.floor(commit) == commit

    def unneeded(self, ends: Iterable[int]) -> list[Ended]:
        """Of the rows that ended with `ends`, ascending, those that no kept commit sees."""
        found: list[Ended] = []
        for end in ends:
            begin_from = self._first_unneeded_begin(end)
            if found and found[-1].begin_from == begin_from:
                found[-1] = Ended(found[-1].low, end, begin_from)
            else:
                found.append(Ended(end, end, begin_from))
        return found

    def _first_unneeded_begin(self, end: int) -> int:
        """A row that ended with `end` is needed by the last kept commit before, or by none: by none if it began after that."""
        place = bisect_left(self._kept, self.floor(end))
        if not place:
            return 0
        after = bisect_right(self._boundaries, self._kept[place - 1])
        return self._boundaries[after]
