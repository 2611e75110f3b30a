"""Bounding boxes when the picture that they are in changes."""

from __future__ import annotations

import math
from typing import Any, Literal

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions.vision.boxes import Corners, are_whole, converted, corners, each, whole
from pixeltable.udf.decorators import udf


@udf
def bboxes_clip_to_canvas(
    bboxes: list[Any],
    format: Literal['xyxy', 'xywh', 'cxcywh'],
    *,
    width: int | None = None,
    height: int | None = None,
    min_visibility: float = 0.0,
    min_area: float = 0.0,
) -> list[Any]:
    """The parts of the boxes inside a picture of this size; None for boxes of which a share of less than `min_visibility`, or an
    area less than `min_area`, is inside. Without a size, boxes of fractions are in shares of the picture."""
    if width is None and height is None and not are_whole(bboxes):
        width = height = 1
    right, bottom = math.inf if width is None else width, math.inf if height is None else height

    def clipped(box: Corners) -> Corners | None:
        x1, x2 = (min(max(value, 0), right) for value in box[::2])
        y1, y2 = (min(max(value, 0), bottom) for value in box[1::2])
        area, whole_area = _area((x1, y1, x2, y2)), _area(box)
        is_seen = area >= min_area and (whole_area == 0 or area / whole_area >= min_visibility)
        return (x1, y1, x2, y2) if is_seen else None

    return each(bboxes, format, clipped)


@udf
def bboxes_crop_canvas(
    bboxes: list[Any],
    format: Literal['xyxy', 'xywh', 'cxcywh'],
    *,
    canvas_region: list[Any],
    canvas_region_format: Literal['xyxy', 'xywh', 'cxcywh'],
    canvas_width: int | None = None,
    canvas_height: int | None = None,
) -> list[Any]:
    """The boxes as they are in a part of the picture, which becomes the whole one; they may reach out of it.

    Without a size, boxes and regions of fractions are in shares of the picture.
    """
    left, top, right, bottom = converted([canvas_region], canvas_region_format, 'xyxy')[0]
    if right <= left or bottom <= top or left < 0 or top < 0:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'bboxes_crop_canvas(): {canvas_region} is no part of a picture.'
        )
    is_share = canvas_width is None and canvas_height is None and not are_whole([*bboxes, canvas_region])
    if is_share:
        canvas_width = canvas_height = 1
    if (canvas_width is not None and right > canvas_width) or (canvas_height is not None and bottom > canvas_height):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'bboxes_crop_canvas(): {canvas_region} reaches out of the picture.'
        )
    x, y = (right - left, bottom - top) if is_share else (1, 1)
    return each(
        bboxes, format, lambda box: ((box[0] - left) / x, (box[1] - top) / y, (box[2] - left) / x, (box[3] - top) / y)
    )


@udf
def bboxes_resize_canvas(
    bboxes: list[Any],
    format: Literal['xyxy', 'xywh', 'cxcywh'],
    *,
    canvas_width: int | None = None,
    canvas_height: int | None = None,
    new_canvas_width: int | None = None,
    new_canvas_height: int | None = None,
    canvas_scale: float | None = None,
    canvas_scale_x: float | None = None,
    canvas_scale_y: float | None = None,
) -> list[Any]:
    """The boxes as they are when the picture is scaled: from one size to another, or by a factor."""
    x = _factor('x', canvas_width, new_canvas_width, canvas_scale, canvas_scale_x)
    y = _factor('y', canvas_height, new_canvas_height, canvas_scale, canvas_scale_y)
    if x is None and y is None:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'bboxes_resize_canvas() needs sizes or a scale.')
    factors = [1.0 if x is None else x, 1.0 if y is None else y] * 2
    for box in bboxes:
        corners(box, format)
    scaled = [[value * factor for value, factor in zip(box, factors, strict=True)] for box in bboxes]
    return [list(map(whole, box)) for box in scaled] if are_whole(bboxes) else scaled


def _factor(axis: str, old: int | None, new: int | None, both: float | None, own: float | None) -> float | None:
    given = [value for value in (None if old is None or new is None else new / old, both, own) if value is not None]
    if len(given) > 1 or (old is None) != (new is None):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'bboxes_resize_canvas(): {axis} is scaled by old and new size, or by one scale.',
        )
    if given and given[0] <= 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'bboxes_resize_canvas(): sizes and scales are above 0.')
    return given[0] if given else None


def _area(box: tuple[float, float, float, float]) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
