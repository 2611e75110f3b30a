"""PDF with PDFium, of which only one thread may be inside at a time: each step takes a lock, and nothing of it leaves."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pixeltable._support.optional import require
from pixeltable.functions._documents.blocks import Block, Box
from pixeltable.functions._documents.sources import Source

POINTS = 72
"""Of an inch: what PDF counts in."""

MOST_PIXELS = 1 << 28
"""Of the picture of a page."""

Made = TypeVar('Made')
_lock = threading.RLock()
_END, _TAIL = b'%%EOF', 2048


def _begin() -> None:
    global _lock
    _lock = threading.RLock()  # that of the parent may be held for ever


os.register_at_fork(after_in_child=_begin)


@contextmanager
def _inside(source: Source) -> Iterator[Any]:
    pdfium = require('pypdfium2', 'documents')
    with _lock:
        try:
            yield pdfium
        except pdfium.PdfiumError as error:  # what it says may be that of an earlier failure
            is_encrypted = b'/Encrypt' in source.read()
            raise source.broken('it is encrypted' if is_encrypted else 'it is damaged, or has no pages') from error


@contextmanager
def opened(source: Source) -> Iterator[tuple[Any, int]]:
    """The document, for `_page`, and how many pages it has. Raises INVALID_DATA_FORMAT if it has none, or cannot be read."""
    _check_end(source)
    with _inside(source) as pdfium:
        document = pdfium.PdfDocument(source.path if source.content is None else source.content)
        count = len(document)
    try:
        if count == 0:
            raise source.broken('it has no pages')
        yield document, count
    finally:
        with _lock:
            document.close()


def check(source: Source) -> None:
    """Opens the document. If PDFium is not installed, its end must do. Raises INVALID_DATA_FORMAT."""
    if importlib.util.find_spec('pypdfium2') is None:
        _check_end(source)
    else:
        count(source)


def _check_end(source: Source) -> None:
    with source.file() as file:
        file.seek(-min(_TAIL, file.seek(0, os.SEEK_END)), os.SEEK_END)
        if _END not in file.read():
            raise source.broken('it is a PDF without an end')


def count(source: Source) -> int:
    """How many pages there are."""
    with opened(source) as (_, found):
        return found


def title_of(source: Source) -> str | None:
    """The title that the file gives itself."""
    with opened(source) as (document, _), _inside(source):
        return document.get_metadata_value('Title') or None


def blocks(source: Source, boxes: bool) -> Iterator[Block]:
    """A block for each page with text. Only one page is in memory."""
    for block in _pages(source, lambda page, number: _block(page, number, boxes)):
        if block.text:
            yield block


def pictures(source: Source, dpi: int) -> Iterator[tuple[Block, Any]]:
    """The text of each page, and its picture."""
    return _pages(source, lambda page, number: (_block(page, number, False), _picture(source, page, _scale(dpi))))


def thumbnail(source: Source, side: int) -> tuple[Any, int]:
    """A picture of the first page, whose larger side has so many pixels, and how many pages there are."""
    with opened(source) as (document, count), _inside(source), _page(document, 0) as page:
        return _picture(source, page, side / max(*page.get_size(), 1)), count


def _pages(source: Source, action: Callable[[Any, int], Made]) -> Iterator[Made]:
    """What `action` makes of each page, one after the other. The lock is held for one page only."""
    with opened(source) as (document, count):
        for number in range(count):
            with _inside(source), _page(document, number) as page:
                made = action(page, number)
            yield made


@contextmanager
def _page(document: Any, number: int) -> Iterator[Any]:
    page = document[number]
    try:
        yield page
    finally:
        page.close()


def _block(page: Any, number: int, boxes: bool) -> Block:
    texts = page.get_textpage()
    try:
        raw = texts.get_text_range()
        text = raw.replace('\r\n', '\n')
        shift = len(text) - len(text.lstrip())
        lines = tuple(_lines(page, texts, raw, shift)) if boxes else ()
        return Block(text.strip(), page=number, lines=lines)
    finally:
        texts.close()


def _lines(page: Any, texts: Any, raw: str, shift: int) -> Iterator[tuple[int, Box]]:
    """Where each line begins, `shift` characters less far, and its box in points from the top left corner of the page."""
    from pypdfium2.raw import FPDFText_GetCharIndexFromTextIndex

    left, _, _, top = page.get_bbox()
    place = start = 0
    for line in raw.split('\r\n'):
        first = FPDFText_GetCharIndexFromTextIndex(texts, place)
        count = texts.count_rects(first, len(line)) if line.strip() and first >= 0 else 0
        if count:
            x1, y1, x2, y2 = zip(*(texts.get_rect(each) for each in range(count)), strict=True)
            yield max(0, start - shift), (min(x1) - left, top - max(y2), max(x2) - left, top - min(y1))
        place += len(line) + 2
        start += len(line) + 1


def _scale(dpi: int) -> float:
    """Cut off, as PDFium rounds the sides of pictures up."""
    return int(dpi / POINTS * 1e6) / 1e6


def _picture(source: Source, page: Any, scale: float) -> Any:
    width, height = page.get_size()
    if min(width, height) <= 0:
        raise source.broken('a page has no size')
    if width * height * scale * scale > MOST_PIXELS:
        raise source.broken(
            f'a page of {width:.0f} × {height:.0f} points has too many pixels at {scale * POINTS:.0f} dpi'
        )
    bitmap = page.render(scale=scale)
    try:
        return bitmap.to_pil().copy()
    finally:
        bitmap.close()
