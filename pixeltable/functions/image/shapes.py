"""Images of another size or orientation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pixeltable.functions.image.types import image_of, unread
from pixeltable.types.column_type import ColumnType, ImageShape
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Image = Any
else:
    from pixeltable.types.spelling import Image

_BICUBIC, _LANCZOS = 3, 1
_GAP = 2
"""A JPEG is decoded in a lower resolution where that is still so many times the size of the result."""


@udf(is_method=True)
def crop(self: Image, box: tuple[int, int, int, int]) -> Image:
    """The part inside `box`: left, upper, right and lower edge in pixels."""
    return self.crop(tuple(box))


@crop.conditional_return_type
def _crop_type(self: ColumnType, box: tuple[int, int, int, int]) -> ColumnType:
    return image_of((box[2] - box[0], box[3] - box[1]), _mode(self))


@udf(is_method=True)
@unread
def resize(self: Image, size: tuple[int, int]) -> Image:
    """The image scaled to `size`, width and height in pixels, with Pillow's bicubic filter.

    A JPEG of at least four times the size is decoded at a lower resolution, of at least twice the size: a few times as fast, and
    hardly to be told from the same with all of its pixels.
    """
    width, height = size
    image = _drafted(self, (width * _GAP, height * _GAP))
    return image.resize((width, height))


@resize.conditional_return_type
def _resize_type(self: ColumnType, size: tuple[int, int]) -> ColumnType:
    return image_of(size, _mode(self))


@udf(is_method=True)
@unread
def thumbnail(self: Image, size: tuple[int, int], resample: int = _LANCZOS, reducing_gap: float | None = 2.0) -> Image:
    """The image made smaller, with its proportions, to fit into `size`; a smaller one stays as it is.

    JPEG files are decoded no finer than that needs. Unlike Pillow's method it gives a new image.
    """
    import PIL.Image

    image = self if _is_unread(self) else self.copy()
    image.thumbnail(tuple(size), PIL.Image.Resampling(resample), reducing_gap)
    return image


@udf(is_method=True)
def reduce(self: Image, factor: int, box: tuple[int, int, int, int] | None = None) -> Image:
    """The image, or the part inside `box`, made smaller by a whole number."""
    return self.reduce(factor, None if box is None else tuple(box))


@udf(is_method=True)
def rotate(self: Image, angle: int) -> Image:
    """The image turned counter-clockwise by `angle` degrees, in its old size: corners are cut off, and new ones black."""
    return self.rotate(angle)


@rotate.conditional_return_type
def _rotate_type(self: ColumnType) -> ColumnType:
    return image_of(_size(self), _mode(self))


@udf(is_method=True)
def transpose(self: Image, method: Literal[0, 1, 2, 3, 4, 5, 6]) -> Image:
    """The image flipped or turned by a right angle: one of `PIL.Image.Transpose`."""
    import PIL.Image

    return self.transpose(PIL.Image.Transpose(method))


@transpose.conditional_return_type
def _transpose_type(self: ColumnType, method: int) -> ColumnType:
    size = _size(self)
    turned = size if size is None or method in (0, 1, 3) else (size[1], size[0])
    return image_of(turned, _mode(self))


@udf(is_method=True)
def exif_transpose(self: Image) -> Image:
    """The image as its camera held it: turned as its EXIF orientation says, which all else here leaves alone."""
    import PIL.ImageOps

    return PIL.ImageOps.exif_transpose(self)


@udf(is_method=True, is_deterministic=False)
def effect_spread(self: Image, distance: int) -> Image:
    """The image with its pixels moved by up to `distance` at random."""
    return self.effect_spread(distance)


@effect_spread.conditional_return_type
def _spread_type(self: ColumnType) -> ColumnType:
    return image_of(_size(self), _mode(self))


def _drafted(image: Any, least: tuple[int, int]) -> Any:
    """The image, if it is an unread JPEG in the lowest resolution that has `least` pixels in each direction."""
    if _is_unread(image) and image.format in ('JPEG', 'MPO') and min(least) > 0:
        image.draft(None, least)
    return image


def _is_unread(image: Any) -> bool:
    """Whether it was opened for this call alone."""
    return getattr(image, 'fp', None) is not None


def _size(type_: ColumnType) -> tuple[int, int] | None:
    return type_.detail.size if isinstance(type_.detail, ImageShape) else None


def _mode(type_: ColumnType) -> str | None:
    return type_.detail.mode if isinstance(type_.detail, ImageShape) else None
