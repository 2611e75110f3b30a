"""The parts of a job that is not done: small enough that rows appear as they are done, and as large as segments are.

What new rows or a new column lack is seen in the segments, as a whole segment gets a file. What is to be computed again is cut
where segments end, so that none is written anew more often than needed; the job remembers what it is done with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pixeltable.catalog.jobs import JobRecord
from pixeltable.catalog.records import Segment
from pixeltable.exec.source import Source


@dataclass(frozen=True, slots=True)
class Unit:
    """The rows with ids from `low` to `high`, about `rows` of them."""

    low: int
    high: int
    rows: int

    def meets(self, other: tuple[int, int]) -> bool:
        return self.low <= other[1] and other[0] <= self.high


def units(source: Source, job: JobRecord) -> list[Unit]:
    """What is left of a job, by ascending row id."""
    segments = [each for each in source.contents.segments if each.min_id <= job.high and job.low <= each.max_id]
    if job.is_again:
        return list(_again(segments, job))
    return [
        Unit(segment.min_id, segment.max_id, segment.live_rows)
        for segment in segments
        if segment.live_rows and lacking(source, segment, job)
    ]


def lacking(source: Source, segment: Segment, job: JobRecord) -> Collection[int]:
    """The columns of the job, which is not to compute again, that the segment has no cells of."""
    pending = source.pending(segment)
    return pending & set(job.spec.columns) if job.spec.columns else pending


def _again(segments: Sequence[Segment], job: JobRecord) -> Iterable[Unit]:
    # Rows of segments with scattered ids, as updates make them, go with those that they were inserted beside.
    ends = sorted({segment.max_id for segment in segments if segment.first_id is not None} | {job.high})
    for first, last in job.left:
        low = first
        for end in ends:
            high = min(end, last)
            if high < low:
                continue
            rows = sum(_rows_between(segment, low, high) for segment in segments)
            if rows:
                yield Unit(low, high, rows)
            low = high + 1


def _rows_between(segment: Segment, low: int, high: int) -> int:
    """About how many rows of a segment have ids in a range: their ids may be scattered, and some are deleted."""
    inside = min(segment.max_id, high) - max(segment.min_id, low) + 1
    if inside <= 0:
        return 0
    return max(1, segment.live_rows * inside // (segment.max_id - segment.min_id + 1))


def next_unit(left: Sequence[Unit], leased: Collection[tuple[int, int]], rows: int) -> Unit | None:
    """The first units that nobody is at work on, put together until they have so many rows."""
    found: Unit | None = None
    for unit in left:
        joined = (
            unit
            if found is None
            else Unit(min(found.low, unit.low), max(found.high, unit.high), found.rows + unit.rows)
        )
        if any(joined.meets(each) for each in leased):
            if found is not None:
                return found
            continue
        found = joined
        if found.rows >= rows:
            return found
    return found
