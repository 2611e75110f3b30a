"""Taking rows out: a delete vector for each segment that held some, or the end of a segment that held no others."""

from __future__ import annotations

from pixeltable.catalog.changes import Change, EndSegment, ReplaceDeletes, Requirement, SegmentIs
from pixeltable.exec.changes.matching import Positions, by_segment
from pixeltable.exec.source import Source
from pixeltable.storage import deletes


def removal(source: Source, positions: Positions) -> tuple[list[Change], list[Requirement]]:
    """The changes that take rows out, and what must still be true of the segments that held them."""
    changes: list[Change] = []
    requirements: list[Requirement] = []
    for _, segment, inside in by_segment(source, positions):
        requirements.append(SegmentIs.of(segment))
        if len(inside) == segment.live_rows:
            changes.append(EndSegment(segment.id))
        else:
            count, data = deletes.extend(segment.deletes, inside, segment.rows)
            changes.append(ReplaceDeletes(segment.id, count, data))
    return changes, requirements
