"""Images in requests. Inside Json an image is the URL of its file, and outside it a Pillow image; providers want base64."""

from __future__ import annotations

import base64
import io
import urllib.parse
import urllib.request
from typing import Any

from pixeltable.errors import ErrorCode, RequestError

_ACCEPTED = {'PNG': 'image/png', 'JPEG': 'image/jpeg', 'GIF': 'image/gif', 'WEBP': 'image/webp'}
"""Formats that all providers take as they are; others are sent as PNG."""

_BROKEN = (OSError, ValueError, SyntaxError, EOFError, TypeError)


def is_image(value: Any) -> bool:
    """Whether it is a Pillow image, or the reference that stands for one inside Json."""
    return (hasattr(value, 'tobytes') and hasattr(value, 'getbands')) or (
        isinstance(value, str) and value.startswith('file:')
    )


def encoded(image: Any) -> tuple[str, bytes]:
    """The media type and the content of an image as a provider takes it.

    Raises INVALID_DATA_FORMAT for a file that is no image, so that no other file can be sent by the name of one.
    """
    from PIL import Image

    try:
        if not isinstance(image, str):
            return 'image/png', _png(image)
        path = local_path(image)
        with Image.open(path) as opened:
            media_type = _ACCEPTED.get(opened.format or '')
            if media_type is None:
                return 'image/png', _png(opened)
        with open(path, 'rb') as file:
            return media_type, file.read()
    except _BROKEN as error:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{image!r} cannot be sent as an image: {error}.') from error


def local_path(reference: str) -> str:
    """The path of a `file:` URL."""
    return urllib.request.url2pathname(urllib.parse.urlsplit(reference).path)


def base64_of(image: Any) -> tuple[str, str]:
    """The media type and the base64 text of an image."""
    media_type, content = encoded(image)
    return media_type, base64.b64encode(content).decode('ascii')


def data_url(image: Any) -> str:
    """The image as a `data:` URL."""
    media_type, text = base64_of(image)
    return f'data:{media_type};base64,{text}'


def _png(image: Any) -> bytes:
    buffer = io.BytesIO()
    kept = image.mode in ('1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'I;16')
    (image if kept else image.convert('RGB')).save(buffer, format='PNG')
    return buffer.getvalue()
