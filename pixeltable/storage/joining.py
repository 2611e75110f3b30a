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
    return [run[0] if len(run) == 1 else _as_one(run) for run in _runs(segments)]


def _runs(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    run = list(segments[:1])
    for before, segment in pairwise(segments):
        if not _continues(segment, before):
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


def _as_one(run: Sequence[Segment]) -> Segment:
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
