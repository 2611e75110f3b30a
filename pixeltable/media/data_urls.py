"""`data:` URLs: media content that travels inside of the value."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote_to_bytes

PREFIX = 'data:'


def to_data_url(content: Any, kind: str = '') -> str:
    """`content`, bytes of any sort, as a URL; `kind` is its media type, such as `image/png`."""
    return f'{PREFIX}{kind};base64,{base64.b64encode(content).decode("ascii")}'


def content_of(url: str) -> bytes:
    """The content of a `data:` URL. Raises ValueError, saying why, if it is none."""
    head, comma, data = url.removeprefix(PREFIX).partition(',')
    if not comma:
        raise ValueError('it has no comma between its media type and its content')
    if not head.endswith(';base64'):
        return unquote_to_bytes(data)
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError(f'its content is not base64: {error}') from error
