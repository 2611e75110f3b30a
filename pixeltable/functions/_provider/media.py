"""Images, sounds and films in requests of any form."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pixeltable.functions._provider.images import data_url, is_image, local_path

_OF_TEXT = ('prompt', 'text', 'caption')


def media_type(path: str) -> str:
    """The media type of a file by its name."""
    return mimetypes.guess_type(path)[0] or 'application/octet-stream'


def file_url(path: str) -> str:
    """A file as a `data:` URL."""
    return f'data:{media_type(path)};base64,{base64.b64encode(Path(path).read_bytes()).decode("ascii")}'


def kind_of(value: Any) -> str:
    """`'image'`, `'audio'`, `'video'` or, for a PDF, `'document'` for what stands for one inside Json; else empty."""
    if isinstance(value, str):
        kind, _, form = media_type(value).partition('/') if value.startswith('file:') else ('', '', '')
        return kind if kind in ('image', 'audio', 'video') else 'document' if form == 'pdf' else ''
    return 'image' if is_image(value) else ''


def inlined(value: Any, key: str = '', *, bare: bool = False) -> Any:
    """A request with `data:` URLs for its media, or their base64 alone. What is called a prompt, a text or a caption stays."""
    if isinstance(value, Mapping):
        return {name: inlined(item, str(name), bare=bare) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [inlined(item, key, bare=bare) for item in value]
    kind = kind_of(value)
    if not kind or (isinstance(value, str) and any(word in key.lower() for word in _OF_TEXT)):
        return value
    url = data_url(value) if kind == 'image' else file_url(local_path(value))
    return url.partition(',')[2] if bare else url
