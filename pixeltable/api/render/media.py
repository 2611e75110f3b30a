"""What is shown of media: thumbnails of pictures, frames and first pages, players for short films and sounds."""

from __future__ import annotations

import base64
import html
import os
from typing import Any

from pixeltable._support import temporary
from pixeltable.errors import Error
from pixeltable.functions._documents import pdf
from pixeltable.functions._documents.sources import Source, is_pdf
from pixeltable.media.data_urls import content_of
from pixeltable.media.frames import FrameReader
from pixeltable.media.images import open_content, open_image
from pixeltable.media.references import is_content, local_path
from pixeltable.media.suffixes import suffix_of
from pixeltable.types.column_type import Kind
from pixeltable.types.fragments import as_frame, as_part, fragment

MOST_BYTES = 4 << 20
"""Of a film or a sound that becomes part of the page."""

PAGE = 160
"""Pixels of the larger side of the picture of a page."""

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


def first_page(reference: str) -> tuple[Any, int] | None:
    """A picture of the first page of a local PDF, and how many pages there are; None for anything else."""
    try:
        source = _document(reference)
        return None if source is None or not is_pdf(source) else pdf.thumbnail(source, PAGE)
    except (OSError, ValueError, Error):
        return None


def extent(kind: str, reference: str) -> str:
    """How large a local value is: `640×480, RGB`, `640×480, 3.5 s`, `3.5 s`, `12 pages, 340 KB`; nothing if it cannot be read."""
    try:
        if kind == 'Document':
            return _of_document(reference)
        path = None if fragment(reference) else local_path(reference)
        if path is None:
            return ''
        if kind == 'Image':
            image = open_image(path)
            return f'{image.width}×{image.height}, {image.mode}'
        return _of_streams(path, kind)
    except (OSError, ValueError, SyntaxError, Error):
        return ''


def _of_streams(path: str, kind: str) -> str:
    import av

    try:
        with av.open(path) as container:
            pictures = container.streams.video[:1] if kind == 'Video' else ()  # a sound may be that of a film
            size = [f'{each.width}×{each.height}' for each in pictures]
            seconds = [] if container.duration is None else [f'{container.duration / av.time_base:.1f} s']
    except av.FFmpegError:
        return ''
    return ', '.join(size + seconds)


def _of_document(reference: str) -> str:
    source = _document(reference)
    if source is None:
        return ''
    with source.file() as file:
        size = file.seek(0, os.SEEK_END)
    pages = pdf.count(source) if is_pdf(source) else None
    shown = f'{size:,} bytes' if size < 1000 else f'{size / 1000:,.0f} KB' if size < 1e6 else f'{size / 1e6:,.1f} MB'
    return shown if pages is None else f'{pages} page{"" if pages == 1 else "s"}, {shown}'


def _document(reference: str) -> Source | None:
    """The content of a reference, unless it lies elsewhere."""
    if is_content(reference):
        return Source(None, content_of(reference))
    path = local_path(reference)
    return None if path is None else Source(path)


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
