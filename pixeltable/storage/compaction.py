"""Chooses segments to put together: many small ones cost every read, and deleted rows and stacked files cost some.

Segments grow in steps: a group is merged when it is a few times as large as the largest segment in it. So each merge takes a row
into a segment a few times as large as the one that it was in, until that is of full size: in all, n rows are written n·log(n)
times. Neighbours in the order of row ids go together, so that segments stay apart in that order.
`merging` does the work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pixeltable.catalog.records import Contents, Segment
from pixeltable.storage.flush import is_wholly_inlined
from pixeltable.storage.merging import fingerprints

FULL_ROWS = 1_000_000
FULL_BYTES = 128 << 20
"""A segment of so many rows or bytes is of full size, and merged with no other."""

MAX_DELETED = 0.2
"""A segment that has lost a larger part of its rows is written anew without them."""

MAX_FILES = 8
"""A segment with more files, each with columns that came later, is written anew as one."""

Job = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """How eagerly segments are merged.

    Attributes:
        growth: how many times as large as its largest segment a group must be.
        least: the part of full size that every smaller segment counts as: to write that much again is nothing.
        with_inlined: whether all that is inlined goes into Parquet too, and is not left to be flushed.
    """

    growth: float
    least: float
    with_inlined: bool


THOROUGH = Policy(2, 1 / 16, True)
LAZY = Policy(8, 1 / 1024, False)


def plan_compaction(
    contents: Contents, columns: Collection[int], policy: Policy, derived: Collection[int] = ()
) -> tuple[Job, ...]:
    """Groups of segments, each to be merged into one. `columns` are the ids of those that the table stores, `derived` of the
    computed ones among them."""
    jobs: list[Job] = []
    classes: dict[frozenset[tuple[int, str]], list[Segment]] = {}
    for segment in contents.segments:
        if policy.with_inlined or not is_wholly_inlined(segment):
            classes.setdefault(fingerprints(segment, columns, derived), []).append(segment)
    for segments in classes.values():
        jobs += _jobs(segments, policy)
    return tuple(jobs)


def _jobs(segments: Sequence[Segment], policy: Policy) -> Iterator[Job]:
    """Of segments in the order of their row ids that may be merged with each other."""
    chosen: set[int] = set()
    for run in _runs(segments):
        for group in _groups(run, policy):
            chosen |= {segment.id for segment in group}
            yield group
    rest = [segment for segment in segments if segment.id not in chosen]
    yield from _full_sized([segment for segment in rest if is_wholly_inlined(segment)])
    for segment in rest:
        if not is_wholly_inlined(segment) and (_is_worn(segment) or (policy.with_inlined and segment.is_inlined)):
            yield (segment,)


def _size(segment: Segment) -> float:
    """As a part of full size, by the rows that are live."""
    if not segment.rows:
        return 0.0
    live = segment.live_rows / segment.rows
    size = sum(file.size for file in segment.files if not file.is_key_filter)
    return max(segment.live_rows / FULL_ROWS, size * live / FULL_BYTES)


def _is_worn(segment: Segment) -> bool:
    files = sum(not file.is_key_filter for file in segment.files)
    return segment.live_rows < segment.rows * (1 - MAX_DELETED) or files > MAX_FILES


def _runs(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Small segments between which no other one lies, with all its row ids after those before and before those after."""
    run: list[Segment] = []
    reach = 0  # the largest row id of the run
    between: list[Segment] = []  # segments of full size since its last segment
    for segment in segments:
        if _size(segment) >= 1:
            between.append(segment)
            continue
        if any(reach < other.min_id and other.max_id < segment.min_id for other in between):
            yield run
            run, reach = [], 0
        between = []
        run.append(segment)
        reach = max(reach, segment.max_id)
    yield run


def _groups(run: Sequence[Segment], policy: Policy) -> Iterator[Job]:
    """Stretches of a run that are large enough against their largest segment; where one is not, that segment divides it."""
    sizes = [max(_size(segment), policy.least) for segment in run]
    stretches = [(0, len(run))]
    while stretches:
        start, stop = stretches.pop()
        if stop - start < 2:
            continue
        largest = max(range(start, stop), key=sizes.__getitem__)
        if sum(sizes[start:stop]) >= policy.growth * sizes[largest]:
            yield from (group for group in _full_sized(run[start:stop]) if len(group) > 1)
        else:
            stretches += [(start, largest), (largest + 1, stop)]


def _full_sized(segments: Sequence[Segment]) -> Iterator[Job]:
    """The segments in groups of full size at most."""
    group: list[Segment] = []
    size = 0.0
    for segment in segments:
        if group and size + _size(segment) > 1:
            yield tuple(group)
            group, size = [], 0.0
        group.append(segment)
        size += _size(segment)
    if group:
        yield tuple(group)
