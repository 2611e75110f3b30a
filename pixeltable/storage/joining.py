"""Small segments that lie next to each other, taken for one: to decode each by itself takes ten times as long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pixeltable.catalog.records import FileRecord, Segment
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
    return (
        before.first_id is not None  # the ids of its rows follow each other
        and segment.first_id == before.first_id + before.rows
        and segment.deletes is None
        and before.deletes is None
        and 0 < len(segment.files) == len(before.files)
        and all(map(_is_alike, segment.files, before.files))
    )


def _is_alike(file: FileRecord, before: FileRecord) -> bool:
    """Whether both are inlined and have the same columns of the same types."""
    if file.data is None or before.data is None:
        return False
    return file.columns == before.columns and file.data.startswith(schema_of_ipc(before.data))


def as_one(run: Sequence[Segment]) -> Segment:
    """A run of segments as a single one that no catalog knows. Raises as `joined`."""
    if len(run) == 1:
        return run[0]
    files = tuple(_one_file(several) for several in zip(*(segment.files for segment in run), strict=True))
    rows = sum(segment.rows for segment in run)
    return replace(run[-1], rows=rows, first_id=run[0].first_id, min_id=run[0].min_id, files=files)


def _one_file(files: Sequence[FileRecord]) -> FileRecord:
    contents: list[bytes] = []
    for file in files:
        assert file.data is not None
        verify(file, file.data)
        contents.append(file.data)
    data = join_ipc(contents)
    return replace(files[-1], size=len(data), checksum=checksum(data), data=data)
