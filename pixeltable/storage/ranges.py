"""Runs of rows of a segment, and what is done with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pixeltable._support.arrays import distinct

Ranges = Sequence[tuple[int, int]]
"""Runs of rows, `start … end`, ascending and apart from each other."""

GAP_ROWS = 4096
"""Ranges closer than this are read as one: a few rows too many cost less than another piece."""


def common(left: Ranges, right: Ranges) -> Ranges:
    """The rows in both."""
    found, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            found.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found


def merged(ranges: Ranges) -> Ranges:
    """The same rows, and those in small gaps between them."""
    found: list[tuple[int, int]] = []
    for start, end in ranges:
        if found and start - found[-1][1] < GAP_ROWS:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def cut(rows: Ranges | None, starts: Sequence[int]) -> Iterator[Ranges | None]:
    """`rows`, None for all, in one piece for each row group that holds some; `starts` as in `Footer`."""
    if len(starts) < 3:
        if rows is None or rows:
            yield rows
        return
    for first, end in pairwise(starts):
        inside = [(first, end)] if rows is None else common(rows, [(first, end)])
        if inside:
            yield inside


def around(positions: NDArray[np.int64]) -> tuple[Ranges, NDArray[np.int64]]:
    """Ranges of rows that hold all of `positions`, and where in these ranges each of them is."""
    ordered = distinct(positions)
    cuts = np.flatnonzero(np.diff(ordered) >= GAP_ROWS) + 1
    starts, ends = ordered[np.concatenate([[0], cuts])], ordered[np.concatenate([cuts - 1, [-1]])] + 1
    before = np.concatenate([[0], np.cumsum(ends - starts)[:-1]])
    owners = np.searchsorted(starts, positions, side='right') - 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True)), positions - starts[owners] + before[owners]
