"""The parts of a job that is not done: segments, as all rows of one get a file together, or several small ones.

What new rows or a new column lack is seen in the segments themselves. Of what is to be computed again the job remembers which
rows it has gone through, wherever they lie now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from pixeltable.catalog.jobs import JobRecord, Ranges, runs
from pixeltable.catalog.records import Segment
from pixeltable.exec.differences.segments import live_mask, row_ids
from pixeltable.exec.source import Source


@dataclass(frozen=True, slots=True)
class Unit:
    """Some segments, by their ids. They have `rows` rows, whose ids lie between `low` and `high`, as others' may."""

    low: int
    high: int
    rows: int
    segments: frozenset[int]

    @staticmethod
    def of(segment: Segment) -> Unit:
        return Unit(segment.min_id, segment.max_id, segment.live_rows, frozenset((segment.id,)))

    def __or__(self, other: Unit) -> Unit:
        low, high = min(self.low, other.low), max(self.high, other.high)
        return Unit(low, high, self.rows + other.rows, self.segments | other.segments)

    def meets(self, other: tuple[int, int]) -> bool:
        return self.low <= other[1] and other[0] <= self.high


def units(source: Source, job: JobRecord) -> Iterator[Unit]:
    """What is left of a job, by ascending row id."""
    for index, segment in enumerate(source.contents.segments):
        if segment.min_id > job.high or segment.max_id < job.low or not segment.live_rows:
            continue
        if is_left(source, index, job) if job.is_again else lacking(source, segment, job):
            yield Unit.of(segment)


def lacking(source: Source, segment: Segment, job: JobRecord) -> Collection[int]:
    """The columns of the job, which is not to compute again, that the segment has no cells of."""
    pending = source.pending(segment)
    return pending & set(job.spec.columns) if job.spec.columns else pending


def is_left(source: Source, index: int, job: JobRecord) -> bool:
    """Whether a segment has rows that the job, which is to compute again, has not gone through."""
    segment = source.contents.segments[index]
    if segment.first_id is not None and segment.deletes is None:
        return job.has_left(segment.min_id, segment.max_id)
    return any(job.has_left(low, high) for low, high in live_ids(source, index))


def live_ids(source: Source, index: int) -> Ranges:
    """The ids of the live rows of a segment: an update has put the others into another one."""
    return runs(row_ids(source, index)[live_mask(source.contents.segments[index])])


def next_unit(left: Iterable[Unit], leased: Collection[tuple[int, int]], rows: int) -> Unit | None:
    """The first units that nobody is at work on, put together until they have so many rows."""
    found: Unit | None = None
    for unit in left:
        joined = unit if found is None else found | unit
        if any(joined.meets(each) for each in leased):
            if found is not None:
                return found
            continue
        found = joined
        if found.rows >= rows:
            return found
    return found
