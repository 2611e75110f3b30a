"""Rows as an HTML table for notebooks. Everything is escaped; colours come from the page, so dark and light both work."""

from __future__ import annotations

import base64
import html
import io
import os
import struct
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pixeltable.api.render.boxes import Seen, seen_in, with_boxes
from pixeltable.api.render.grid import MAX_ROWS
from pixeltable.api.render.media import first_page, image_of, player
from pixeltable.api.render.values import Media, cell_text, is_number, printable
from pixeltable.api.whole_files import write_whole
from pixeltable.errors import Error
from pixeltable.media.references import REMOTE_SCHEMES, is_content, local_path
from pixeltable.types.fragments import fragment
from pixeltable.types.pictures import in_eight_bits, is_image

if TYPE_CHECKING:
    from PIL import Image

THUMBNAIL = 160
"""The larger side of a thumbnail, in pixels."""

MOST_IMAGES = 4
"""Thumbnails of a list of images, such as the frames of a film."""

_LIMIT = 500
_RULE = '1px solid rgba(128,128,128,.35)'
_TABLE = 'border-collapse:collapse;font-size:90%;margin:.5em 0'
_HEAD = f'padding:.3em .8em;border-bottom:{_RULE};text-align:left;font-weight:600'
_CELL = 'padding:.3em .8em;vertical-align:top;max-width:40em;overflow-wrap:anywhere;white-space:pre-wrap'
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, SystemError, struct.error)
_ABSENT = 'opacity:.5;font-style:italic'


def escape(text: str) -> str:
    """`text` as HTML, control characters and lone surrogates as visible escapes."""
    return html.escape(printable(text, '\n\t'))


def table(names: Sequence[str], rows: Sequence[Sequence[Any]], *, total: int | None = None) -> str:
    """The first 40 of `rows` under the column `names`, and how many more there are (of `total`)."""
    total = len(rows) if total is None else total
    more = total - len(rows[:MAX_ROWS])
    note = f'… {more} more row{"" if more == 1 else "s"}' if more > 0 else '' if total else '(no rows)'
    footer = f'<div style="opacity:.6;font-size:85%">{note}</div>' if note else ''
    return _table(names, [_cells(row) for row in rows[:MAX_ROWS]]) + footer


def write(path: str | os.PathLike[str], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Writes all `rows` as a whole document. Raises INVALID_ARGUMENT if it cannot be written."""
    body = _table(names, [_cells(row) for row in rows])
    head = '<!doctype html><html><head><meta charset="utf-8"><title>Pixeltable</title></head>'
    write_whole(path, lambda part: part.write_text(f'{head}<body>{body}</body></html>', encoding='utf-8'))


def text_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """All `rows`, which hold texts, under the column `names`."""
    return _table(names, [[_cell(escape(text)) for text in row] for row in rows])


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = ''.join(f'<th style="{_HEAD}">{escape(name)}</th>' for name in names)
    body = ''.join(f'<tr>{"".join(cells)}</tr>' for cells in rows)
    return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _cells(row: Sequence[Any]) -> list[str]:
    """A cell for each value; what detections in the row have found is drawn over its picture."""
    seen = seen_in(row)
    return [_cell(_content(value, seen), right=is_number(value)) for value in row]


def _cell(content: str, *, right: bool = False) -> str:
    return f'<td style="{_CELL};text-align:{"right" if right else "left"}">{content}</td>'


def _content(value: Any, seen: Seen) -> str:
    if value is None:
        return f'<span style="{_ABSENT}">None</span>'
    drawn = with_boxes(value, seen, THUMBNAIL) if seen else None
    if drawn is not None:
        return _thumbnail(drawn, cell_text(value))
    if is_image(value):
        return _thumbnail(value, cell_text(value))
    if isinstance(value, Media):
        return _media(value)
    if isinstance(value, list) and value and all(isinstance(each, Media) or is_image(each) for each in value):
        more = f' … {len(value) - MOST_IMAGES} more' if len(value) > MOST_IMAGES else ''
        return ' '.join(_content(each, seen) for each in value[:MOST_IMAGES]) + more
    text = html.escape(cell_text(value, _LIMIT, keep='\n\t'))
    inside = list(islice(_media_inside(value), MOST_IMAGES))
    return '\n'.join([text, ' '.join(_content(each, seen) for each in inside)]) if inside else text


def _media_inside(value: Any) -> Iterator[Any]:
    """The media and the images in nested lists and objects."""
    if isinstance(value, Media) or is_image(value):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _media_inside(each)


def _media(media: Media) -> str:
    """A thumbnail for an image, a player for a short film or sound, a link for anything else. Nothing is fetched."""
    try:
        scheme = urlsplit(media.reference).scheme
        path = local_path(media.reference)
    except ValueError:
        return escape(media.reference)
    if media.kind == 'Image' and path is not None and not fragment(media.reference):
        return _thumbnail(path, media.name)
    if media.kind == 'Image' and (path is not None or is_content(media.reference)):
        return _shown(media)
    page = first_page(media.reference) if media.kind == 'Document' else None
    if page is not None:
        return _linked(media, scheme, _thumbnail(page[0], f'{media.name}: {page[1]} page{"" if page[1] == 1 else "s"}'))
    found = player(media.kind, media.reference)
    if found is not None:
        return found
    return _linked(media, scheme, escape(media.name))


def _linked(media: Media, scheme: str, shown: str) -> str:
    if scheme != 'file' and scheme not in REMOTE_SCHEMES:  # such as javascript:
        return shown
    return f'<a href="{escape(media.reference)}">{shown}</a>'


def _shown(media: Media) -> str:
    """A thumbnail of a frame, of a part of a picture, or of content without a file."""
    try:
        image = image_of(media.reference)
    except (Error, *_UNREADABLE) as error:
        return f'<span style="{_ABSENT}">{escape(media.name)}: {escape(str(error))}</span>'
    return escape(media.name) if image is None else _thumbnail(image, media.name)


def _thumbnail(image: Any, label: str) -> str:
    """An `img` for a Pillow image or the path of one. An image that cannot be shown says why in its place."""
    from PIL import Image

    try:
        data = _data_url(_opened_small(image) if isinstance(image, str) else image)
    except (*_UNREADABLE, Image.DecompressionBombError) as error:
        return f'<span style="{_ABSENT}">{escape(label)}: {escape(str(error))}</span>'
    return f'<img src="{data}" alt="{escape(label)}" title="{escape(label)}">'


def _opened_small(path: str) -> Image.Image:
    """The image at `path`, in as little detail as its format can give that is enough for a thumbnail."""
    from PIL import Image

    with Image.open(path) as image:
        image.draft(None, (THUMBNAIL, THUMBNAIL))
        return image.copy()


def _data_url(image: Image.Image) -> str:
    """A thumbnail, upright as cameras say of their photos."""
    from PIL import ImageOps

    kind, mode = ('PNG', 'RGBA') if image.has_transparency_data else ('JPEG', 'RGB')
    small = in_eight_bits(image).convert(mode)
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    buffer = io.BytesIO()
    ImageOps.exif_transpose(small).save(buffer, kind)
    return f'data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}'
