"""Films with text and pictures over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Image = Any
    Video = str
else:
    from pixeltable.types.spelling import Image, Video


@udf(is_method=True)
def overlay_text(
    video: Video,
    text: str,
    *,
    font: str | None = None,
    font_size: int = 24,
    line_spacing: int = 0,
    color: str = 'white',
    opacity: float = 1.0,
    horizontal_align: Literal['left', 'center', 'right'] = 'center',
    horizontal_margin: int = 0,
    vertical_align: Literal['top', 'center', 'bottom'] = 'center',
    vertical_margin: int = 0,
    box: bool = False,
    box_color: str = 'black',
    box_opacity: float = 1.0,
    box_border: list[int] | None = None,
    start_time: float | None = None,
    end_time: float | None = None,
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The film with a text over it, from `start_time` to `end_time`, optionally on a box of a colour.

    `font` is the path of a font file; without it Pillow's own is used. Margins and sizes are in pixels; `box_border` is the width
    of the box around the text: one number, two for vertical and horizontal, or four from the top on clockwise.
    """
    from pixeltable.functions._av.drawing import Overlay, lettering, overlaid

    _check_share('opacity', opacity)
    _check_share('box_opacity', box_opacity)
    if font_size <= 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'overlay_text(): font_size is above 0, not {font_size}.')
    back = (box_color, box_opacity, box_border or [0]) if box and text else None
    image = lettering(text, font, font_size, line_spacing, (color, opacity), back, horizontal_align)
    where = Overlay(image, horizontal_align, horizontal_margin, vertical_align, vertical_margin, start_time, end_time)
    return overlaid(video, where, video_encoder, video_encoder_args)


@udf(is_method=True)
def overlay_image(
    video: Video,
    image: Image,
    *,
    horizontal_align: Literal['left', 'center', 'right'] = 'center',
    horizontal_margin: int = 0,
    vertical_align: Literal['top', 'center', 'bottom'] = 'center',
    vertical_margin: int = 0,
    scale: float | None = None,
    opacity: float = 1.0,
    start_time: float | None = None,
    end_time: float | None = None,
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The film with an image over it, from `start_time` to `end_time`; transparent parts let it through."""
    from pixeltable.functions._av.drawing import Overlay, faded, overlaid

    _check_share('opacity', opacity)
    if scale is not None and scale <= 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'overlay_image(): scale is above 0, not {scale}.')
    shown = image.convert('RGBA')
    if scale is not None:
        shown = shown.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    where = Overlay(
        faded(shown, opacity),
        horizontal_align,
        horizontal_margin,
        vertical_align,
        vertical_margin,
        start_time,
        end_time,
    )
    return overlaid(video, where, video_encoder, video_encoder_args)


def _check_share(name: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name} is from 0.0 to 1.0, not {value}.')
