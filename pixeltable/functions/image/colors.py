"""Images in other modes and palettes, and their bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pixeltable.functions.image.types import image_of, unread
from pixeltable.types.column_type import ColumnType, ImageShape
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Image = Any
else:
    from pixeltable.types.spelling import Image

_FLOYD_STEINBERG = 3


@udf(is_method=True)
def convert(self: Image, mode: str) -> Image:
    """The image in another mode, such as `'L'` or `'RGB'`."""
    return self.convert(mode)


@convert.conditional_return_type
def _convert_type(self: ColumnType, mode: str) -> ColumnType:
    return image_of(_size(self), mode)


@udf(is_method=True)
def getchannel(self: Image, channel: int) -> Image:
    """One band of the image, by its number, as an image of mode `'L'`."""
    return self.getchannel(channel)


@getchannel.conditional_return_type
def _channel_type(self: ColumnType) -> ColumnType:
    return image_of(_size(self), 'L')


@udf(is_method=True)
@unread
def getbands(self: Image) -> tuple[str, ...]:
    """The names of the bands, such as `['R', 'G', 'B']`."""
    return self.getbands()


@udf(is_method=True)
def getpalette(self: Image, mode: str | None = None) -> list[int] | None:
    """The palette as a list of its colours' values, in the order of `mode`, by default `'RGB'`; None if there is none."""
    return self.getpalette('RGB' if mode is None else mode)


@udf(is_method=True)
def point(self: Image, lut: list[int], mode: str | None = None) -> Image:
    """The image with each value replaced by the one at its place in `lut`, which has 256 for each band."""
    return self.point(lut, mode)


@udf(is_method=True)
def quantize(
    self: Image,
    colors: int = 256,
    method: Literal[0, 1, 2, 3] | None = None,
    kmeans: int = 0,
    palette: Image | None = None,
    dither: int = _FLOYD_STEINBERG,
) -> Image:
    """The image in mode `'P'` with at most `colors` colours, or with those of the image `palette`."""
    import PIL.Image

    return self.quantize(colors, method, kmeans, palette, PIL.Image.Dither(dither))


def _size(type_: ColumnType) -> tuple[int, int] | None:
    return type_.detail.size if isinstance(type_.detail, ImageShape) else None
