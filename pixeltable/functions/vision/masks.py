"""Segments of pictures as masks: arrays of True where the segment is."""

from __future__ import annotations

from typing import Any

import numpy as np

from pixeltable.errors import ErrorCode, RequestError


def masks(segmentation: Any, ids: Any, background: int) -> list[Any]:
    """One for each segment, in the order of their numbers."""
    segments = np.asarray(segmentation)
    if segments.ndim == 3:
        order = range(len(segments)) if ids is None else np.argsort(np.asarray(ids), kind='stable')
        return [segments[place].astype(bool) for place in order]
    if segments.ndim != 2:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'overlay_segmentation(): segments have two or three dimensions.')
    return [segments == value for value in np.unique(segments) if value != background]


def contour(mask: Any, thickness: int) -> Any:
    """The pixels of a mask that are no more than so many from its edge."""
    inner = mask.copy()
    for _ in range(thickness):
        padded = np.pad(inner, 1)
        inner = padded[1:-1, 1:-1] & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner
