"""Small segments that lie next to each other, taken for one: to decode each by itself takes ten times as long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pixeltable.catalog.records import Segment
from pixeltable.storage.columns import verify
from pixeltable.storage.files import checksum, join_ipc, schema_of_ipc


def joined(segments: Sequence[Segment]) -> list[Segment]:
    """`segments`, in their order, each run of alike inlined ones as a single one that no catalog knows.

    Raises:
        RequestError: INVALID_DATA_FORMAT, one of those in a run is damaged.
    """
    return [as_one([segment for _, segment in run]) for run in runs(list(enumerate(segments)))]


def runs(segments: Sequence[tuple[int, Segment]]) -> Iterator[list[tuple[int, Segment]]]:
    """Segments with their places among others, in their order, as runs that can be taken for one."""
    run = list(segments[:1])
    for before, segment in pairwise(segments):
        if segment[0] != before[0] + 1 or not _continues(segment[1], before[1]):
            yield run
            run = []
        run.append(segment)
    if run:
        yield run


def _continues(segment: Segment, before: Segment) -> bool:
    """Whether the ids, columns and types of `segment` are as if its rows had been written together with those of `before`."""
    ours, theirs = _content(segment), _content(before)
    return (
        ours is not None
        and theirs is not None
        and segment.first_id == before.min_id + before.rows
        and segment.files[0].columns == before.files[0].columns
        and schema_of_ipc(ours) == schema_of_ipc(theirs)
    )


def _content(segment: Segment) -> bytes | None:
    """The data of a segment that is inlined, has one file, no deleted rows, and ids that follow each other; else None."""
    is_plain = len(segment.files) == 1 and segment.deletes is None and segment.first_id is not None
    return segment.files[0].data if is_plain else None


def as_one(run: Sequence[Segment]) -> Segment:
    """A run of segments as a single one that no catalog knows. Raises as `joined`."""
    if len(run) == 1:
        return run[0]
    contents: list[bytes] = []
    for segment in run:
        data = _content(segment)
        assert data is not None
        verify(segment.files[0], data)
        contents.append(data)
    data = join_ipc(contents)
    last = run[-1]
    file = replace(last.files[0], size=len(data), checksum=checksum(data), data=data)
    rows = sum(segment.rows for segment in run)
    return replace(last, rows=rows, first_id=run[0].first_id, min_id=run[0].min_id, files=(file,))
