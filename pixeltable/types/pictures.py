"""Pillow images as values: what is one, and the files in which no pixel changes. Imports neither Pillow nor NumPy by itself."""

from __future__ import annotations

import io
import sys
from typing import Any

_PNG_MODES = frozenset({'1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'I;16'})
_TIFF_MODES = frozenset({'PA', 'I', 'I;16B', 'F', 'CMYK', 'YCbCr', 'LAB'})
LOSSLESS = _PNG_MODES | _TIFF_MODES
"""The modes that a lossless file format has."""
_CLEAR: dict[str, Any] = {'RGB': tuple, 'P': (int, bytes), 'L': int, '1': int, 'I;16': int}
"""By mode, how the colour is given that is seen through. Pillow's functions keep it as it was of the mode before."""
_ORIENTATION = 0x0112
_DEEP = frozenset({'I', 'I;16', 'I;16B', 'I;16L', 'F'})


def is_image(value: Any) -> bool:
    """True for a Pillow image; does not import Pillow to find out."""
    pillow = sys.modules.get('PIL.Image')
    return pillow is not None and isinstance(value, pillow.Image)


def writable_format(name: str) -> str | None:
    """Pillow's name of the format that users call `name`, such as `jpg`; None if Pillow does not write it."""
    from PIL import Image

    Image.init()
    found = {'JPG': 'JPEG', 'TIF': 'TIFF'}.get(name.upper(), name.upper())
    return found if found in Image.SAVE else None


def lossless_format(image: Any) -> str:
    """`'png'`, or `'tiff'` where PNG has no such mode."""
    return 'png' if image.mode in _PNG_MODES else 'tiff'


def lossless_file(image: Any) -> bytes:
    """The bytes of a lossless file of the image."""
    buffer = io.BytesIO()
    written = lossless_format(image)
    image.save(buffer, written, compress_level=1, **meaning(image, written))
    return buffer.getvalue()


def meaning(image: Any, format: str) -> dict[str, Any]:
    """What says in a file how pixels are seen: the profile of their colours, what is seen through, and which way is up."""
    from PIL.Image import Exif

    found: dict[str, Any] = {}
    if image.info.get('icc_profile'):
        found['icc_profile'] = image.info['icc_profile']
    clear = image.info.get('transparency')
    if clear is not None and not isinstance(clear, _CLEAR.get(image.mode, ())):
        found['transparency'] = None
    orientation = image.getexif().get(_ORIENTATION, 1) if 'exif' in image.info else 1
    if orientation != 1 and format != 'tiff':  # whose pixels Pillow turns when it reads them
        exif = Exif()
        exif[_ORIENTATION] = orientation
        found['exif'] = exif.tobytes()
    return found


def image_in(content: bytes) -> Any:
    """The image that is the content of a file, read. Raises as Pillow does."""
    from PIL import Image

    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def in_eight_bits(image: Any) -> Any:
    """A picture of more than 8 bits, from black for its lowest value to white for its highest: else most would be white."""
    if image.mode not in _DEEP:
        return image
    import numpy as np
    from PIL import Image

    values = np.asarray(image, dtype=np.float64)
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
    values = np.nan_to_num(values, nan=low, neginf=low, posinf=high)
    return Image.fromarray(np.uint8((values - low) * (255 / ((high - low) or 1.0))))
