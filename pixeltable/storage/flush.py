"""When the inlined segments that gathered in the catalog go into Parquet. `merging` does it; `compaction` chooses the rest."""

from __future__ import annotations

from pixeltable.catalog.records import Contents, Segment

MAX_INLINED = 127
"""Segments: more of them make every read and change slower, by some 10 µs each. Flushed less often than at each hundredth insert,
they do not count among the 99 of 100 that are quick."""

FEW_INLINED = 15
"""So many may stay when a column is computed for all rows, for which each of them gets a file of its own."""

MAX_INLINED_BYTES = 4 << 20


def plan_flush(contents: Contents, most: int | None = None) -> tuple[Segment, ...]:
    """The segments to flush now: all that are inlined entirely, once they are more than `most`, or large; else none.

    None stands for `MAX_INLINED`.

    A segment that also has a Parquet file stays: compaction merges those.
    """
    inlined = tuple(segment for segment in contents.segments if is_wholly_inlined(segment))
    size = sum(file.size for segment in inlined for file in segment.files)
    return inlined if len(inlined) > (MAX_INLINED if most is None else most) or size > MAX_INLINED_BYTES else ()


def is_wholly_inlined(segment: Segment) -> bool:
    return bool(segment.files) and all(file.data is not None for file in segment.files)
