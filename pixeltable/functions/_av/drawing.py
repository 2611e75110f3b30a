"""Pictures and text over the frames of a film."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import av
from PIL import Image, ImageColor, ImageDraw, ImageFont

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.applying import written
from pixeltable.functions._av.converting import to_image
from pixeltable.functions._av.sources import pictures, sounds


@dataclass(frozen=True, slots=True)
class Overlay:
    """An RGBA image, where it is to lie on a frame, and when."""

    image: Image.Image
    horizontal: str
    horizontal_margin: int
    vertical: str
    vertical_margin: int
    start: float | None
    end: float | None

    def is_shown(self, time: float) -> bool:
        return time >= (self.start or 0.0) and (self.end is None or time < self.end)

    def place(self, width: int, height: int) -> tuple[int, int]:
        """Its upper left corner on a frame of this size."""
        return (
            _aligned(self.horizontal, self.image.width, width, self.horizontal_margin),
            _aligned(self.vertical, self.image.height, height, self.vertical_margin),
        )


def _aligned(how: str, size: int, room: int, margin: int) -> int:
    if how in ('left', 'top'):
        return margin
    return room - size - margin if how in ('right', 'bottom') else (room - size) // 2 + margin


def overlaid(path: str, overlay: Overlay, encoder: str | None, options: dict[str, Any] | None) -> str:
    """The film with the overlay on the frames that are shown at its time; the others are not touched."""

    def frames() -> Iterator[Any]:
        for frame in pictures(path):
            if not overlay.is_shown(float(frame.time or 0.0)):
                yield frame
                continue
            image = to_image(frame)
            image.paste(overlay.image, overlay.place(*image.size), overlay.image)
            made = av.VideoFrame.from_image(image)
            made.pts, made.time_base = frame.pts, frame.time_base
            yield made

    return written(path, frames(), sounds(path), encoder, options)


def faded(image: Image.Image, opacity: float) -> Image.Image:
    """An RGBA image with its alpha multiplied."""
    if opacity < 1.0:
        image.putalpha(image.getchannel('A').point([round(value * opacity) for value in range(256)]))
    return image


def lettering(
    text: str,
    font: str | None,
    size: int,
    spacing: int,
    ink: tuple[str, float],
    box: tuple[str, float, Sequence[int]] | None,
    align: str,
) -> Image.Image:
    """Text as an RGBA image of just its size; `ink` and `box` have colour and opacity, the box its border too."""
    letters = _font(font, size)
    left, top, right, bottom = ImageDraw.Draw(Image.new('RGBA', (1, 1))).multiline_textbbox(
        (0, 0), text, font=letters, spacing=spacing + 4, align=align
    )
    borders = _borders(box[2]) if box is not None else (0, 0, 0, 0)
    width, height = int(right - left) + 1, int(bottom - top) + 1
    back = (0, 0, 0, 0) if box is None else _colour(box[0], box[1])
    image = Image.new('RGBA', (width + borders[1] + borders[3], height + borders[0] + borders[2]), back)
    layer = Image.new('RGBA', image.size, (*_colour(ink[0], 0.0)[:3], 0))
    ImageDraw.Draw(layer).multiline_text(
        (borders[3] - left, borders[0] - top), text, _colour(*ink), font=letters, spacing=spacing + 4, align=align
    )
    return Image.alpha_composite(image, layer)


def _font(path: str | None, size: int) -> Any:
    if path is None:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(path, size)
    except OSError as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{path!r} is no font file that can be read.') from error


def _colour(name: str, opacity: float) -> tuple[int, int, int, int]:
    try:
        red, green, blue = ImageColor.getrgb(name)[:3]
    except ValueError as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name!r} is no colour.') from error
    return red, green, blue, round(255 * opacity)


def _borders(given: Sequence[int]) -> tuple[int, int, int, int]:
    """Top, right, bottom and left."""
    match list(given):
        case [every]:
            return every, every, every, every
        case [vertical, horizontal]:
            return vertical, horizontal, vertical, horizontal
        case [top, right, bottom, left]:
            return top, right, bottom, left
    raise RequestError(ErrorCode.INVALID_ARGUMENT, f'box_border has one, two or four numbers, not {list(given)}.')
