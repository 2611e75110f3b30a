"""Arithmetic of bounding boxes.

A box is four numbers: `'xyxy'` left, top, right, bottom; `'xywh'` left, top, width, height; `'cxcywh'` centre, width, height.
Lists of whole numbers only are in pixels, and stay whole: sizes are rounded first, then places, halves up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.decorators import udf

Format = Literal['xyxy', 'xywh', 'cxcywh']
Corners = tuple[float, float, float, float]


@udf
def bboxes_convert(
    bboxes: list[Any], *, src_format: Literal['xyxy', 'xywh', 'cxcywh'], dst_format: Literal['xyxy', 'xywh', 'cxcywh']
) -> list[Any]:
    """The boxes in another format."""
    return converted(bboxes, src_format, dst_format)


@udf
def bboxes_resize(
    bboxes: list[Any],
    format: Literal['xyxy', 'xywh', 'cxcywh'],
    *,
    width: int | None = None,
    height: int | None = None,
    aspect: str | None = None,
    aspect_mode: str | None = None,
) -> list[Any]:
    """The boxes in another size, around their centres: in a width or a height, with their proportions, or in both; or with the
    proportions `aspect`, such as `'16:9'` or `1.5`, by growing (`aspect_mode='pad'`) or shrinking (`'crop'`) one side."""
    return _resized(bboxes, format, width, height, aspect, aspect_mode)


@bboxes_resize.overload  # type: ignore[untyped-decorator]
def _(
    bboxes: list[Any],
    format: Literal['xyxy', 'xywh', 'cxcywh'],
    *,
    width: float | None = None,
    height: float | None = None,
    aspect: float | None = None,
    aspect_mode: str | None = None,
) -> list[Any]:
    return _resized(bboxes, format, width, height, aspect, aspect_mode)


@udf
def bboxes_scale(
    bboxes: list[Any],
    format: Literal['xyxy', 'xywh', 'cxcywh'],
    *,
    factor: float | None = None,
    x_factor: float | None = None,
    y_factor: float | None = None,
) -> list[Any]:
    """The boxes made larger or smaller around their centres, by one factor, or one for each direction."""
    if (factor is None) == (x_factor is None and y_factor is None):
        raise _invalid('bboxes_scale() takes factor, or x_factor, y_factor or both.')
    x = factor if factor is not None else 1.0 if x_factor is None else x_factor
    y = factor if factor is not None else 1.0 if y_factor is None else y_factor
    if x <= 0 or y <= 0:
        raise _invalid('bboxes_scale(): factors are above 0.')
    return each(bboxes, format, lambda box: _around(box, (box[2] - box[0]) * x, (box[3] - box[1]) * y))


@udf
def bboxes_pad(
    bboxes: list[Any],
    format: Literal['xyxy', 'xywh', 'cxcywh'],
    *,
    top: int | None = None,
    bottom: int | None = None,
    left: int | None = None,
    right: int | None = None,
    x: int | None = None,
    y: int | None = None,
) -> list[Any]:
    """The boxes with so many pixels added on sides; `x` stands for left and right, `y` for top and bottom."""
    if (x is not None and (left is not None or right is not None)) or (
        y is not None and (top is not None or bottom is not None)
    ):
        raise _invalid('bboxes_pad() takes x, or left and right; and y, or top and bottom.')
    if all(value is None for value in (top, bottom, left, right, x, y)):
        raise _invalid('bboxes_pad() needs at least one side.')
    sides = (left if x is None else x) or 0, (top if y is None else y) or 0
    ends = (right if x is None else x) or 0, (bottom if y is None else y) or 0
    return each(bboxes, format, lambda box: (box[0] - sides[0], box[1] - sides[1], box[2] + ends[0], box[3] + ends[1]))


def _resized(
    bboxes: list[Any],
    format_: str,
    width: float | None,
    height: float | None,
    aspect: str | float | None,
    aspect_mode: str | None,
) -> list[Any]:
    if (aspect is None) == (width is None and height is None):
        raise _invalid('bboxes_resize() takes width, height or both, or aspect.')
    if aspect_mode not in (None, 'pad', 'crop'):
        raise _invalid(f"bboxes_resize(): aspect_mode is 'pad' or 'crop', not {aspect_mode!r}.")
    if any(size is not None and size <= 0 for size in (width, height)):
        raise _invalid('bboxes_resize(): width and height are above 0.')
    ratio = None if aspect is None else _ratio(aspect)

    def resized(box: Corners) -> Corners:
        w, h = box[2] - box[0], box[3] - box[1]
        if w == 0 or h == 0:
            return box
        if ratio is None:
            wide = w * height / h if width is None and height is not None else width or w
            return _around(box, wide, h * wide / w if height is None else height)
        if (w / h > ratio) == (aspect_mode != 'crop'):
            return _around(box, w, w / ratio)
        return _around(box, h * ratio, h)

    return each(bboxes, format_, resized)


def converted(bboxes: Sequence[Any], source: str, target: str) -> list[Any]:
    """The boxes in another format."""
    found = [corners(box, source) for box in bboxes]
    is_whole = are_whole(bboxes)
    return [_written(box, target, is_whole) for box in found]


def corners(box: Any, format_: str) -> Corners:
    """A box as left, top, right, bottom. Raises INVALID_ARGUMENT if it is none."""
    if not isinstance(box, Sequence) or len(box) != 4 or not all(type(value) in (int, float) for value in box):
        raise _invalid(f'a box has four numbers, unlike {box!r}.')
    a, b, c, d = box
    if format_ == 'xyxy':
        return a, b, c, d
    if format_ == 'xywh':
        return a, b, a + c, b + d
    if format_ == 'cxcywh':
        return a - c / 2, b - d / 2, a + c / 2, b + d / 2
    raise _invalid(f"a format of boxes is 'xyxy', 'xywh' or 'cxcywh', not {format_!r}.")


def _written(box: Corners, format_: str, is_whole: bool) -> list[float]:
    x1, y1, x2, y2 = box
    width, height, x, y = x2 - x1, y2 - y1, (x1 + x2) / 2, (y1 + y2) / 2
    if is_whole:
        width, height = whole(width), whole(height)
        x1, y1 = whole(x - width / 2), whole(y - height / 2)
        x2, y2, x, y = x1 + width, y1 + height, whole(x), whole(y)
    if format_ == 'xyxy':
        return [x1, y1, x2, y2]
    if format_ == 'xywh':
        return [x1, y1, width, height]
    if format_ == 'cxcywh':
        return [x, y, width, height]
    raise _invalid(f"a format of boxes is 'xyxy', 'xywh' or 'cxcywh', not {format_!r}.")


def whole(value: float) -> int:
    """The nearest whole number, of two the larger one."""
    return math.floor(round(value, 9) + 0.5)  # what floats lack in the last digits makes no half less


def are_whole(bboxes: Sequence[Any]) -> bool:
    """Whether the boxes are in pixels."""
    return all(isinstance(value, int) for box in bboxes for value in box)


def each(bboxes: Sequence[Any], format_: str, change: Callable[[Corners], Corners | None]) -> list[Any]:
    """The boxes after `change` of their corners, in their format; None stays None."""
    changed = [change(corners(box, format_)) for box in bboxes]
    is_whole = are_whole(bboxes)
    return [None if box is None else _written(box, format_, is_whole) for box in changed]


def _around(box: Corners, width: float, height: float) -> Corners:
    """A box of this size around the centre of another."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _ratio(aspect: str | float) -> float:
    try:
        width, _, height = str(aspect).partition(':')
        ratio = float(width) / float(height or 1)
    except (ValueError, ZeroDivisionError):
        ratio = 0.0
    if not ratio > 0:
        raise _invalid(f"aspect is such as '16:9' or '1.5', not {aspect!r}.")
    return ratio


def _invalid(message: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_ARGUMENT, message)
