"""Bounding boxes when the picture that they are in changes."""

from __future__ import annotations

from typing import Any, Literal

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions.vision.boxes import _each, converted, corners
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
    """The parts of the boxes inside a picture of this size. Boxes of which no more than a share of `min_visibility`, or an area
    less than `min_area`, is inside are left out."""
    kept = []
    for box in bboxes:
        x1, y1, x2, y2 = corners(box, format)
        inside = (
            max(x1, 0),
            max(y1, 0),
            x2 if width is None else min(x2, width),
            y2 if height is None else min(y2, height),
        )
        area, whole = _area(inside), _area((x1, y1, x2, y2))
        if area > 0 and area >= min_area and area / whole >= min_visibility:
            kept += _each([box], format, lambda _, found=inside: found)  # type: ignore[misc]
    return kept


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
    """The boxes as they are in a part of the picture, which becomes the whole one; they may reach out of it."""
    left, top, right, bottom = converted([canvas_region], canvas_region_format, 'xyxy')[0]
    if right <= left or bottom <= top or left < 0 or top < 0:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'bboxes_crop_canvas(): {canvas_region} is no part of a picture.'
        )
    if (canvas_width is not None and right > canvas_width) or (canvas_height is not None and bottom > canvas_height):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'bboxes_crop_canvas(): {canvas_region} reaches out of the picture.'
        )
    return _each(bboxes, format, lambda box: (box[0] - left, box[1] - top, box[2] - left, box[3] - top))


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
    fx, fy = 1.0 if x is None else x, 1.0 if y is None else y
    return _each(bboxes, format, lambda box: (box[0] * fx, box[1] * fy, box[2] * fx, box[3] * fy))


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
