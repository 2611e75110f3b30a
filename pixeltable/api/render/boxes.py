"""Boxes of detections over the picture in the same row: of `yolox`, `detr_for_object_detection`, and what is shaped like them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pixeltable.api.render.media import image_of
from pixeltable.api.render.values import Media, is_number
from pixeltable.errors import Error
from pixeltable.functions.vision.drawing import bboxes_draw
from pixeltable.types.pictures import in_eight_bits, is_image

MOST = 100
"""Boxes that are drawn over a picture."""

Seen = list[tuple[list[float], str]]
"""Boxes in pixels, left, top, right, bottom, and what they are called."""


def seen_in(row: Sequence[Any]) -> Seen:
    """The boxes in a row with one picture, to which they must belong; none for any other row."""
    if sum(map(_is_picture, row)) != 1:
        return []
    return [each for value in row if isinstance(value, dict) for each in _seen(value)][:MOST]


def _seen(found: dict[str, Any]) -> Seen:
    boxes = found.get('bboxes', found.get('boxes'))
    if not isinstance(boxes, (list, tuple)):
        return []
    names = found.get('label_text', found.get('labels'))
    labels = names if isinstance(names, (list, tuple)) and len(names) == len(boxes) else [''] * len(boxes)
    return [(list(box), str(label)) for box, label in zip(boxes, labels, strict=True) if _is_box(box)]


def _is_box(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 4 and all(is_number(side) for side in value)


def _is_picture(value: Any) -> bool:
    return is_image(value) or (isinstance(value, Media) and value.kind == 'Image')


def with_boxes(picture: Any, seen: Seen, side: int) -> Any:
    """The picture with boxes over it, its larger side `side` pixels; None for what is no picture, or cannot be read from here."""
    if not _is_picture(picture):
        return None
    try:
        image = image_of(picture.reference) if isinstance(picture, Media) else picture
        if image is None:
            return None
        small = in_eight_bits(image).convert('RGB')
    except (OSError, ValueError, SyntaxError, Error):
        return None
    small.thumbnail((side, side))
    across, down = small.width / image.width, small.height / image.height
    boxes = [_scaled(box, across, down) for box, _ in seen]
    return bboxes_draw.py_fn(img=small, boxes=boxes, labels=[label for _, label in seen], font_size=10)


def _scaled(box: list[float], across: float, down: float) -> list[float]:
    left, right = sorted((box[0] * across, box[2] * across))
    top, bottom = sorted((box[1] * down, box[3] * down))
    return [left, top, right, bottom]
