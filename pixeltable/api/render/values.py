"""One value as one short piece of text: what cells of grids and HTML tables show.

Any value is shown, and none raises: what is not known is named by its class. Nothing here lays out tables.
"""

from __future__ import annotations

import datetime
import json
import re
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from pixeltable.api.render.media import extent
from pixeltable.types.fragments import fragment
from pixeltable.types.pictures import is_image

LIMIT = 200
"""Characters that a cell's text has at most, unless told otherwise."""

_DIGEST = re.compile('^([0-9a-f]{8})[0-9a-f]{56}')
_ITEMS = 3
_DEPTH = 8
_JOINER = '\u200d'  # holds emoji together
_MOST_BITS = 4096  # Python itself refuses to print integers of more than 4300 digits


@dataclass(frozen=True, slots=True)
class Media:
    """A media cell: the kind (`'Image'`), and the URL that says where the content lies."""

    kind: str
    reference: str

    @property
    def name(self) -> str:
        """The file name, with the part of it that is meant, or the whole reference; the kind of content that has no file.

        Of what we have stored, whose name is a digest, the beginning is enough to tell one from another.
        """
        if self.reference.startswith('data:'):
            return f'<{self.kind.lower()}>'
        try:
            path = urlsplit(self.reference).path
        except ValueError:  # such as http://[
            return self.reference
        name = _DIGEST.sub(r'\1…', unquote(path.rstrip('/').rpartition('/')[2]))
        return f'{name}{fragment(self.reference)}' if name else self.reference


def is_number(value: Any) -> bool:
    """True for what is aligned right."""
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def cell_text(value: Any, limit: int = LIMIT, *, keep: str = '') -> str:
    """The text for `value`, at most `limit` characters, without control characters other than those in `keep`.

    Text that could be taken for None, or for nothing, is quoted.
    """
    text = _text(value, limit)
    if isinstance(value, str) and (text == 'None' or not text.strip()):
        text = repr(text)
    text = printable(text[: limit + 1], keep)
    return text if len(text) <= limit else text[: limit - 1] + '…'


def printable(text: str, keep: str = '') -> str:
    """`text` with escapes for what would move the cursor, change colours, reverse the text, or cannot be encoded."""
    if text.isprintable():
        return text
    return ''.join(char if char.isprintable() or char in keep else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    if char == _JOINER:
        return char
    return ' ' if unicodedata.category(char) == 'Zs' else char.encode('unicode_escape').decode()


def _text(value: Any, limit: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, np.generic):
        return _text(value.item(), limit) if not isinstance(value, np.void) else '<void>'
    if isinstance(value, (dict, list, tuple)):
        return _json_text(value, limit)
    if isinstance(value, np.ndarray):
        return _array_text(value)
    return _media_text(value) or _scalar_text(value, limit)


def _scalar_text(value: Any, limit: int) -> str:
    match value:
        case None | bool() | uuid.UUID() | datetime.timedelta():
            return str(value)
        case int():
            return str(value) if value.bit_length() <= _MOST_BITS else f'<int of {value.bit_length()} bits>'
        case float():
            return _float_text(value)
        case datetime.datetime():
            return value.replace(tzinfo=None).isoformat(' ', 'seconds')
        case datetime.date() | datetime.time():
            return value.isoformat()
        case bytes() | bytearray():
            return repr(bytes(value[:limit])) + ('…' if len(value) > limit else '')
    return f'<{type(value).__name__}>'


def _float_text(value: float) -> str:
    """All digits of a short number, about six of a long one."""
    text = repr(value)
    if len(text) <= 10:
        return text
    text = f'{value:.2f}' if 1e4 <= abs(value) < 1e15 else f'{value:.6g}'
    return text if any(char in text for char in '.e') else text + '.0'


def _array_text(array: np.ndarray[Any, Any]) -> str:
    """`array(384) [0.12, -0.03, 0.5, …]`: the shape and the first items."""
    items = [
        f'{item:.3g}' if isinstance(item, float) else ''.join(_pieces(item, _DEPTH))
        for item in array.flat[:_ITEMS].tolist()
    ]
    shape = ', '.join(map(str, array.shape))
    return f'array({shape}) [{", ".join(items)}{", …" if array.size > _ITEMS else ""}]'


def _media_text(value: Any) -> str | None:
    if isinstance(value, Media):
        found = extent(value.kind, value.reference)
        return f'{value.name} ({found})' if found else value.name
    if is_image(value):
        return f'image({value.width}×{value.height}, {value.mode})'
    return None


def _json_text(value: Any, limit: int) -> str:
    """Compact JSON, no longer than it needs to be: the rest of a large document is not visited."""
    parts: list[str] = []
    length = 0
    for piece in _pieces(value, 0):
        parts.append(piece)
        length += len(piece)
        if length > limit:
            break
    return ''.join(parts)


def _pieces(value: Any, depth: int) -> Iterator[str]:
    if value is None or isinstance(value, bool):
        yield json.dumps(value)
    elif isinstance(value, str):
        yield json.dumps(value[: LIMIT * 10], ensure_ascii=False)
    elif isinstance(value, (dict, list, tuple)) and depth >= _DEPTH:
        yield '…'
    elif isinstance(value, dict):
        yield from _object_pieces(value, depth)
    elif isinstance(value, (list, tuple)):
        yield '['
        for position, item in enumerate(value):
            yield ', ' if position else ''
            yield from _pieces(item, depth + 1)
        yield ']'
    else:
        yield _text(value, LIMIT)


def _object_pieces(value: dict[Any, Any], depth: int) -> Iterator[str]:
    yield '{'
    for position, (key, item) in enumerate(value.items()):
        yield ', ' if position else ''
        yield from _pieces(key, _DEPTH)
        yield ': '
        yield from _pieces(item, depth + 1)
    yield '}'
