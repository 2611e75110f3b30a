"""Some rows of a table as if they were all that it has: so a query over a few changed rows is a query like any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pixeltable.catalog.records import DeleteVector, Segment
from pixeltable.exec.changes.matching import by_segment
from pixeltable.exec.source import Source
from pixeltable.storage import deletes

_NOT_CACHED = -1
"""The id of a segment that is none that the catalog knows."""


def restricted(source: Source, positions: NDArray[np.int64]) -> Source:
    """The table with only the live rows at `positions`, which are ascending."""
    return source.part(_segments(source, positions))


def _segments(source: Source, positions: NDArray[np.int64]) -> Iterator[Segment]:
    for _, segment, inside in by_segment(source, positions):
        if len(inside) == segment.live_rows:
            yield segment
            continue
        gone = np.delete(np.arange(segment.rows), inside)
        vector = DeleteVector(_NOT_CACHED, segment.id, len(gone), deletes.encode(gone, segment.rows))
        yield replace(segment, id=_NOT_CACHED, deletes=vector)
