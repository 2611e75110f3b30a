"""Images as files, in which nothing is lost unless that is asked for."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.media.images import MODE
from pixeltable.types.pictures import meaning

if TYPE_CHECKING:
    from PIL import Image

_WEBP_SIDE = 16383
_WEBP: dict[str, Any] = {'lossless': True, 'quality': 0, 'method': 0, 'exact': True}
"""The fastest lossless form by far: a photo takes a quarter of the time of PNG, and less room."""

FORMATS = ('png', 'webp', 'jpeg', 'tiff', 'gif', 'bmp', 'avif')
"""Those in which a column may ask for its pictures to be stored."""

WITH_QUALITY = ('webp', 'jpeg', 'avif')
_PNG_MODES = frozenset({'1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'I;16'})
_TIFF_MODES = frozenset({'I', 'F', 'CMYK', 'YCbCr', 'LAB', 'RGBX', 'I;16B', 'I;16L'})


def encode(image: Image.Image, format: str | None = None, quality: int | None = None) -> tuple[bytes, str]:
    """The image as a file, and the format's name. Nothing is lost unless `format`, or `quality`, asks for it."""
    if 0 in image.size:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION, f'an image of {image.size} pixels cannot be stored: it is empty.'
        )
    if format is not None:
        lossless = format == 'webp' and quality is None
        return _saved(image, format, _WEBP if lossless else {} if quality is None else {'quality': quality}), format
    if _fits_webp(image):
        return _saved(image, 'webp', _WEBP), 'webp'
    if image.mode in _PNG_MODES:
        return _saved(image, 'png', {'compress_level': 1}), 'png'
    if image.mode in _TIFF_MODES:
        return _saved(image, 'tiff', {}), 'tiff'
    if image.mode == 'HSV':
        return _labelled(image), 'png'
    return encode(image.convert('RGBA' if image.mode in ('PA', 'RGBa') else 'LA' if image.mode == 'La' else 'RGB'))


def _labelled(image: Image.Image) -> bytes:
    """An HSV image as a PNG file that says so."""
    from PIL import Image, PngImagePlugin

    label = PngImagePlugin.PngInfo()
    label.add_text(MODE, image.mode)
    same = Image.frombytes('RGB', image.size, image.tobytes())
    return _saved(same, 'png', {'compress_level': 1, 'pnginfo': label})


def _fits_webp(image: Image.Image) -> bool:
    """Whether WebP gives back the same: it has no place for an alpha channel that hides nothing."""
    is_solid = image.mode == 'RGB' and 'transparency' not in image.info
    is_known = is_solid or (image.mode == 'RGBA' and image.getchannel('A').getextrema() != (255, 255))
    return is_known and max(image.size) <= _WEBP_SIDE


def _saved(image: Image.Image, format: str, options: dict[str, Any]) -> bytes:
    if format == 'webp':
        from PIL import WebPImagePlugin  # noqa: F401  else Pillow would load all of its fifty formats to look for it

    file = io.BytesIO()
    try:
        image.save(file, format, **options, **meaning(image, format))
    except (OSError, ValueError, KeyError) as error:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION, f'an image of mode {image.mode} cannot be stored as {format}: {error}.'
        ) from error
    return file.getvalue()
