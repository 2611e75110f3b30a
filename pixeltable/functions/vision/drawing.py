"""Boxes and segments drawn over pictures."""

from __future__ import annotations

import colorsys
import hashlib
from typing import TYPE_CHECKING, Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types.pictures import in_eight_bits
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Image = Any
    Array = Any
else:
    from pixeltable.types.spelling import Array, Image


@udf
def bboxes_draw(
    img: Image,
    boxes: list[list[float]],
    *,
    labels: list[Any] | None = None,
    color: str | None = None,
    box_colors: list[str] | None = None,
    alpha: float | None = None,
    fill: bool = False,
    fill_alpha: float | None = None,
    width: int = 1,
    font: str | None = None,
    font_size: int | None = None,
) -> Image:
    """The picture with boxes (left, top, right, bottom) drawn over it, and a label at each.

    Args:
        color: of all boxes; `box_colors` has one for each. Otherwise equal labels get equal colours.
        alpha: how opaque lines are, from 0.0 to 1.0; `fill_alpha` how opaque the inside is, with `fill`.
        font: the path of a font file for the labels.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    for name, values in (('labels', labels), ('box_colors', box_colors)):
        if values is not None and len(values) != len(boxes):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'bboxes_draw(): there are {len(boxes)} boxes and {len(values)} {name}.'
            )
    wrong = next((box for box in boxes if len(box) != 4), None)
    if wrong is not None:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'bboxes_draw(): a box has four numbers, unlike {wrong}.')
    _check_shares('bboxes_draw', alpha=alpha, fill_alpha=fill_alpha)
    if color is not None and box_colors is not None:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'bboxes_draw() takes color or box_colors, not both.')
    layer = Pillow.new('RGBA', img.size)
    draw = ImageDraw.Draw(layer)
    letters: Any = ImageFont.truetype(font, font_size or 14) if font else ImageFont.load_default(font_size or 14)
    for number, box in enumerate(boxes):
        label = None if labels is None else str(labels[number])
        ink = _rgb(box_colors[number] if box_colors else color or _colour(label or ''))
        line = (*ink, round(255 * (1.0 if alpha is None else alpha)))
        inside = (*ink, round(255 * (0.5 if fill_alpha is None else fill_alpha))) if fill else None
        draw.rectangle(tuple(box), fill=inside, outline=line, width=width)
        if label:
            place = (box[0] + width, box[1] + width)
            draw.rectangle(draw.textbbox(place, label, font=letters), fill=line)
            draw.text(place, label, font=letters, fill='black' if sum(ink) > 380 else 'white')
    under = in_eight_bits(img)
    drawn = Pillow.alpha_composite(under.convert('RGBA'), layer)
    return drawn.convert(img.mode if under is img and img.mode != 'P' else 'RGB')


draw_bounding_boxes = bboxes_draw


@udf
def overlay_segmentation(
    img: Image,
    segmentation: Array,
    *,
    ids: Array | None = None,
    alpha: float = 0.5,
    background: int = 0,
    segment_colors: list[str] | None = None,
    draw_contours: bool = True,
    contour_thickness: int = 1,
) -> Image:
    """The picture with its segments in colours.

    Args:
        segmentation: for each pixel the number of its segment, of which `background` is none; or a stack of masks, of which
            `ids` are the numbers.
        segment_colors: one for each segment, in the order of their numbers.
    """
    import numpy as np
    from PIL import Image as Pillow

    from pixeltable.functions.vision.masks import contour, masks

    _check_shares('overlay_segmentation', alpha=alpha)
    pixels = np.asarray(in_eight_bits(img).convert('RGB'), np.float32).copy()
    for number, mask in enumerate(masks(segmentation, ids, background)):
        if mask.shape != pixels.shape[:2]:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'overlay_segmentation(): the segments are {mask.shape[1]}x{mask.shape[0]}, the image {img.width}x{img.height}.',
            )
        name = segment_colors[number % len(segment_colors)] if segment_colors else _colour(str(number))
        ink = np.array(_rgb(name), np.float32)
        pixels[mask] = pixels[mask] * (1 - alpha) + ink * alpha
        if draw_contours:
            pixels[contour(mask, contour_thickness)] = ink
    return Pillow.fromarray(pixels.round().astype(np.uint8))


def _check_shares(function: str, **given: float | None) -> None:
    for name, value in given.items():
        if value is not None and not 0 <= value <= 1:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{function}(): {name} is from 0.0 to 1.0, not {value}.')


def _colour(text: str) -> str:
    """A bright colour, the same one for the same text."""
    hue = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    red, green, blue = (round(255 * value) for value in colorsys.hsv_to_rgb(hue, 0.85, 0.95))
    return f'#{red:02x}{green:02x}{blue:02x}'


def _rgb(name: str) -> tuple[int, int, int]:
    from PIL import ImageColor

    try:
        red, green, blue = ImageColor.getrgb(name)[:3]
    except ValueError as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name!r} is no colour.') from error
    return red, green, blue
