"""Background jobs as the catalog keeps them, and the changes that start one and note what came of a part of it.

A job says what is to be computed in which rows of a table. What a new column or new rows still lack can be seen in the table
itself: a segment has no file for it. Only a job that computes again has to remember which rows it is done with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Only = Literal['all', 'stale', 'errors']

Ranges = tuple[tuple[int, int], ...]
"""Row ids from each first to each last one, ascending and apart."""


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What is to be done.

    Attributes:
        kind: `'insert'`, `'add column'` or `'recompute'`.
        path: that of the table when the job began.
        columns: the ids of the columns to compute; none for all that the operation concerns.
        names: their names.
        total: how many cells there are to compute.
        inserted: how many rows the operation inserted.
        abort: whether the first cell that fails ends the job; None if nothing was said about cells that fail.
        cascade: whether what depends on the columns is computed again, too.
        only: which cells are computed again: `'all'`, or those that are `'stale'`, or that failed (`'errors'`).
        where: the conditions on the rows, as documents of expressions.
    """

    kind: str
    path: str
    columns: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    total: int = 0
    inserted: int = 0
    abort: bool | None = None
    cascade: bool = False
    only: Only = 'all'
    where: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """What has been done.

    Attributes:
        cells: how many of all cells have been gone through.
        computed: how many were computed.
        rows: how many rows were computed again.
        failed: how many cells failed, by column.
        examples: an error of each column in which some did, as its type and message.
        seconds: the time that it took, that of several workers added up.
        done: the rows that a recomputation has gone through.
    """

    cells: int = 0
    computed: int = 0
    rows: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seconds: float = 0.0
    done: Ranges = ()

    def __add__(self, other: Tally) -> Tally:
        failed = dict(self.failed)
        for name, count in other.failed.items():
            failed[name] = failed.get(name, 0) + count
        return Tally(
            self.cells + other.cells,
            self.computed + other.computed,
            self.rows + other.rows,
            failed,
            {**other.examples, **self.examples},
            self.seconds + other.seconds,
            joined((*self.done, *other.done)),
        )


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job on the rows of a table with ids from `low` to `high`.

    `status` is `'queued'` or `'running'`; when it is over, `'done'`, `'failed'` or `'cancelled'`. `error` is `Error.to_dict()` of
    what made it fail.
    """

    id: int
    table_id: str
    status: str
    created_at: int
    ended_at: int | None
    low: int
    high: int
    spec: JobSpec
    tally: Tally
    error: Mapping[str, Any] | None = None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def is_again(self) -> bool:
        """Whether it computes cells again that have values: those stay until new ones are there."""
        return self.spec.kind == 'recompute'

    def has_left(self, low: int, high: int) -> bool:
        """Whether a recomputation has not gone through all of its rows in a range."""
        start = max(low, self.low)
        for first, last in self.tally.done:
            if first <= start <= last:
                start = last + 1
        return start <= min(high, self.high)


@dataclass(frozen=True, slots=True)
class StartJob:
    """Notes a job with the commit that makes it necessary: on the rows that this commit adds, or on all that there are."""

    table_id: str
    spec: JobSpec
    on_new_rows: bool = False


@dataclass(frozen=True, slots=True)
class AdvanceJob:
    """Adds to what a job has done, and gives the lease `lease` back. The commit fails if the job is over."""

    job_id: int
    step: Tally
    lease: str


def joined(ranges: Sequence[tuple[int, int]]) -> Ranges:
    """The same numbers in as few ranges as possible."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], high)
        else:
            found.append((low, high))
    return tuple(found)


def runs(ids: NDArray[np.int64]) -> Ranges:
    """Distinct numbers as ranges."""
    ordered = np.sort(ids)
    ends = np.flatnonzero(np.diff(ordered) != 1)
    starts = [0, *(ends + 1).tolist()]
    return tuple(
        (int(ordered[a]), int(ordered[b])) for a, b in zip(starts, [*ends.tolist(), len(ordered) - 1], strict=True)
    )
