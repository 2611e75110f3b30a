"""The ending that a file of some content should have, for programs that know formats by it."""

from __future__ import annotations

from pixeltable.errors import Error
from pixeltable.functions._documents.sources import Source, sort_of
from pixeltable.types.column_type import Kind

_STARTS = (
    (b'\x89PNG\r\n\x1a\n', 0, '.png'),
    (b'\xff\xd8\xff', 0, '.jpg'),
    (b'GIF8', 0, '.gif'),
    (b'WEBP', 8, '.webp'),
    (b'II*\0', 0, '.tiff'),
    (b'MM\0*', 0, '.tiff'),
    (b'BM', 0, '.bmp'),
    (b'WAVE', 8, '.wav'),
    (b'AVI ', 8, '.avi'),
    (b'fLaC', 0, '.flac'),
    (b'OggS', 0, '.ogg'),
    (b'ID3', 0, '.mp3'),
    (b'\xff\xfb', 0, '.mp3'),
    (b'\x1a\x45\xdf\xa3', 0, '.mkv'),
    (b'ftypM4A', 4, '.m4a'),
    (b'ftyphe', 4, '.heic'),
    (b'ftypmif1', 4, '.heic'),
    (b'ftypavif', 4, '.avif'),
    (b'ftypqt', 4, '.mov'),
    (b'ftyp', 4, '.mp4'),
)


def suffix_of(content: bytes, kind: Kind) -> str:
    """Such as `.png`; empty for content that is not known."""
    if kind is Kind.DOCUMENT:
        try:
            return f'.{sort_of(Source(None, content))}'
        except Error:
            return ''
    return next((suffix for start, place, suffix in _STARTS if content[place : place + len(start)] == start), '')
