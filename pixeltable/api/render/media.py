"""Media as HTML: thumbnails of pictures and frames, players for short films and sounds, links for the rest."""

from __future__ import annotations

import base64
import html
import os
from typing import Any

from pixeltable._support import temporary
from pixeltable.errors import Error
from pixeltable.media.data_urls import content_of
from pixeltable.media.frames import FrameReader
from pixeltable.media.images import open_content, open_image
from pixeltable.media.references import is_content, local_path
from pixeltable.media.suffixes import suffix_of
from pixeltable.types.column_type import Kind
from pixeltable.types.fragments import as_frame, as_part

MOST_BYTES = 4 << 20
"""Of a film or a sound that becomes part of the page."""

_TYPES = {
    '.mp4': 'mp4',
    '.m4a': 'mp4',
    '.mov': 'mp4',
    '.mkv': 'webm',
    '.wav': 'wav',
    '.mp3': 'mpeg',
    '.flac': 'flac',
    '.ogg': 'ogg',
}


def image_of(reference: str) -> Any:
    """The image that a local reference stands for; None for a remote one. Raises like Pillow and `media.images`."""
    if is_content(reference):
        return open_content(content_of(reference))
    frame, part = as_frame(reference), as_part(reference)
    if part is not None:
        whole = image_of(part[0])
        return None if whole is None else whole.crop(part[1])
    path = local_path(reference)
    if path is None or frame is None:
        return None if path is None else open_image(path)
    reader = FrameReader(path)
    try:
        found = reader.frames([frame[1]])
        return found[frame[1]].picture() if frame[1] in found else None
    finally:
        reader.close()


def player(kind: str, reference: str) -> str | None:
    """A player for a local film or sound that is not too large; None for anything else."""
    try:
        path = temporary.file_of(content_of(reference)) if is_content(reference) else local_path(reference)
        if path is None or kind not in ('Video', 'Audio') or os.path.getsize(path) > MOST_BYTES:
            return None
        with open(path, 'rb') as file:
            content = file.read()
    except (OSError, ValueError, Error):
        return None
    subtype = _TYPES.get(suffix_of(content, Kind(kind)))
    if subtype is None:
        return None
    url = f'data:{kind.lower()}/{subtype};base64,{base64.b64encode(content).decode("ascii")}'
    size = ' width="320"' if kind == 'Video' else ''
    return f'<{kind.lower()} controls preload="metadata"{size} src="{html.escape(url)}"></{kind.lower()}>'
