"""What can be found out about an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from pixeltable.functions.image.types import unread
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Image = Any
else:
    from pixeltable.types.spelling import Image


class ImageMetadata(TypedDict):
    """Size in pixels, Pillow's mode, bits of a pixel's value, and the format of the file, None for an image that was computed."""

    width: int
    height: int
    mode: str
    bits: int
    format: str | None


_BITS = {'1': 1, 'I;16': 16, 'I;16B': 16, 'I;16L': 16, 'I': 32, 'F': 32}


@udf(is_property=True)
@unread
def width(self: Image) -> int:
    """The width in pixels."""
    return self.width


@udf(is_property=True)
@unread
def height(self: Image) -> int:
    """The height in pixels."""
    return self.height


@udf(is_property=True)
@unread
def mode(self: Image) -> str:
    """The mode, such as `'RGB'`."""
    return self.mode


@udf(is_property=True)
@unread
def size(self: Image) -> tuple[int, int]:
    """Width and height in pixels."""
    return self.size


@udf(is_method=True)
@unread
def get_metadata(self: Image) -> ImageMetadata:
    """Size, mode, bits and format. Only the start of the file is read."""
    bits = _BITS.get(self.mode, 8)
    return {'width': self.width, 'height': self.height, 'mode': self.mode, 'bits': bits, 'format': self.format}


@udf(is_method=True)
def entropy(self: Image, mask: Image | None = None, extrema: list[Any] | None = None) -> float:
    """The entropy of the histogram in bits; of the part where `mask` is not 0, if it is given."""
    return self.entropy(mask, None if extrema is None else tuple(extrema))


@udf(is_method=True)
def getbbox(self: Image, *, alpha_only: bool = True) -> tuple[int, int, int, int] | None:
    """The box around all that is not 0; None if everything is. With alpha, that alone counts, unless `alpha_only` is False."""
    return self.getbbox(alpha_only=alpha_only)


@udf(is_method=True)
def getcolors(self: Image, maxcolors: int = 256) -> list[Any] | None:
    """How often each colour occurs, as `[count, colour]`; None if there are more than `maxcolors`."""
    return self.getcolors(maxcolors)


@udf(is_method=True)
def getextrema(self: Image) -> tuple[Any, ...]:
    """The least and the greatest value; of several bands, a pair for each."""
    return self.getextrema()


@udf(is_method=True)
def getpixel(self: Image, xy: list[Any]) -> tuple[Any, ...]:
    """The values of the pixel at column and row `xy`, one for each band; of a single band, the value itself."""
    return self.getpixel((int(xy[0]), int(xy[1])))


@udf(is_method=True)
def getprojection(self: Image) -> tuple[list[int], list[int]]:
    """For each column, and for each row, 1 if something in it is not 0, else 0."""
    return self.getprojection()


@udf(is_method=True)
def histogram(self: Image, mask: Image | None = None, extrema: list[Any] | None = None) -> list[int]:
    """How often each value occurs, 256 numbers for each band; of the part where `mask` is not 0, if it is given."""
    return self.histogram(mask, None if extrema is None else tuple(extrema))
