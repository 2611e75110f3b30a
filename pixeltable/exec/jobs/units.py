"""The parts of a job that is not done: small enough that rows appear as they are done, and as large as segments are.

What new rows or a new column lack is seen in the segments, as a whole segment gets a file. What is to be computed again may be
any rows, as the other cells of their segments are copied; the job remembers which it is done with.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
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

    def and_up_to(self, later: Unit) -> Unit:
        return Unit(min(self.low, later.low), max(self.high, later.high), self.rows + later.rows)

    def meets(self, other: tuple[int, int]) -> bool:
        return self.low <= other[1] and other[0] <= self.high


def units(source: Source, job: JobRecord, rows: int) -> Iterator[Unit]:
    """What is left of a job, by ascending row id, in parts of about `rows` rows if they can be that small."""
    segments = [each for each in source.contents.segments if each.min_id <= job.high and job.low <= each.max_id]
    if job.is_again:
        yield from _again(segments, job, rows)
        return
    for segment in segments:
        if segment.live_rows and lacking(source, segment, job):
            yield Unit(segment.min_id, segment.max_id, segment.live_rows)


def lacking(source: Source, segment: Segment, job: JobRecord) -> Collection[int]:
    """The columns of the job, which is not to compute again, that the segment has no cells of."""
    pending = source.pending(segment)
    return pending & set(job.spec.columns) if job.spec.columns else pending


def _again(segments: Sequence[Segment], job: JobRecord, rows: int) -> Iterator[Unit]:
    # Rows of segments with scattered ids, as updates make them, go with those that they were inserted beside.
    ends = {job.high}
    for segment in segments:
        if segment.first_id is not None:
            ends |= {*range(segment.first_id + rows - 1, segment.max_id, rows), segment.max_id}
    ordered = sorted(ends)
    for first, last in job.left:
        low = first
        for end in ordered[bisect_left(ordered, first) :]:
            high = min(end, last)
            inside = sum(_rows_between(segment, low, high) for segment in segments)
            if inside:
                yield Unit(low, high, inside)
            low = high + 1
            if low > last:
                break


def _rows_between(segment: Segment, low: int, high: int) -> int:
    """About how many rows of a segment have ids in a range: their ids may be scattered, and some are deleted."""
    inside = min(segment.max_id, high) - max(segment.min_id, low) + 1
    if inside <= 0:
        return 0
    return max(1, segment.live_rows * inside // (segment.max_id - segment.min_id + 1))


def next_unit(left: Iterable[Unit], leased: Collection[tuple[int, int]], rows: int) -> Unit | None:
    """The first units that nobody is at work on, put together until they have so many rows."""
    found: Unit | None = None
    for unit in left:
        joined = unit if found is None else found.and_up_to(unit)
        if any(joined.meets(each) for each in leased):
            if found is not None:
                return found
            continue
        found = joined
        if found.rows >= rows:
            return found
    return found
