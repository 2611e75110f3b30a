"""Word, PowerPoint and Excel documents."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any
from xml.etree import ElementTree

from pixeltable._support.optional import require
from pixeltable.errors import Error
from pixeltable.functions._documents import archives
from pixeltable.functions._documents.blocks import Block, Outline, one_line
from pixeltable.functions._documents.sources import Source

_PROPERTIES, _TITLE = 'docProps/core.xml', '{http://purl.org/dc/elements/1.1/}title'
_HEADING = re.compile(r'(?:heading|überschrift|titre) (\d)$', re.IGNORECASE)


def title_of(source: Source) -> str | None:
    """The title among the properties of the document."""
    archives.check(source)
    try:
        with source.file() as file, zipfile.ZipFile(file) as archive:
            return ElementTree.fromstring(archive.read(_PROPERTIES)).findtext(_TITLE) or None
    except (KeyError, ElementTree.ParseError):  # it has no properties, or none that can be read
        return None


def blocks(source: Source, sort: str) -> Iterator[Block]:
    """The blocks of a document of the sort `docx`, `pptx` or `xlsx`."""
    archives.check(source)
    try:
        yield from _READERS[sort](source)
    except Error:
        raise
    except Exception as error:  # these libraries raise whatever comes up where the XML is not what they expect
        raise source.broken(f'{type(error).__name__}: {error}') from error


def _word(source: Source) -> Iterator[Block]:
    """Paragraphs, headings, and the rows of tables."""
    outline = Outline()
    with source.file() as file:
        document = require('docx', 'documents').Document(file)
    for item in document.iter_inner_content():
        if hasattr(item, 'rows'):
            for row in item.rows:
                cells = {cell._tc: cell.text for cell in row.cells}  # one that spans several comes several times
                yield from _row(list(cells.values()), outline)
        elif item.text.strip():
            level = _level(item)
            headings = outline.enter(level, one_line(item.text)) if level else outline.headings
            yield Block(item.text.strip(), is_heading=level > 0, headings=headings)


def _level(paragraph: Any) -> int:
    name = paragraph.style.name or '' if paragraph.style is not None else ''
    found = _HEADING.match(name)
    if found:
        return min(int(found[1]), 6)
    return 1 if name == 'Title' else 0


def _slides(source: Source) -> Iterator[Block]:
    """The paragraphs of each slide, its title as a heading, the rows of its tables, and its notes."""
    with source.file() as file:
        deck = require('pptx', 'documents').Presentation(file)
    for number, slide in enumerate(deck.slides):
        outline, title = Outline(), slide.shapes.title
        if title is not None and title.text_frame.text.strip():
            words = one_line(title.text_frame.text)
            yield Block(words, is_heading=True, headings=outline.enter(1, words), page=number)
        for shape in _shapes(slide.shapes):
            if title is not None and shape.shape_id == title.shape_id:
                continue
            for texts, between in _texts(shape):
                yield from _row(texts, outline, number, between)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            yield from _row(slide.notes_slide.notes_text_frame.text.splitlines(), outline, number, '\n')


def _texts(shape: Any) -> Iterator[tuple[list[str], str]]:
    """The paragraphs of a shape, or the cells of each row of its table, and what stands between them."""
    if shape.has_text_frame:
        yield shape.text_frame.text.splitlines(), '\n'
    elif getattr(shape, 'has_table', False):
        for row in shape.table.rows:
            yield [cell.text for cell in row.cells], '\t'


def _shapes(shapes: Any) -> Iterator[Any]:
    """The shapes, and in place of groups what is in them."""
    waiting = list(shapes)[::-1]
    while waiting:
        shape = waiting.pop()
        if hasattr(shape, 'shapes'):
            waiting += list(shape.shapes)[::-1]
        else:
            yield shape


def _sheets(source: Source) -> Iterator[Block]:
    """The rows of each sheet, of which only one is in memory, and its name as a heading."""
    with source.file() as file:
        book = require('openpyxl', 'documents').load_workbook(file, read_only=True, data_only=True)
        for number, sheet in enumerate(book.worksheets):
            outline = Outline()
            yield Block(sheet.title, is_heading=True, headings=outline.enter(1, sheet.title), page=number)
            sheet.reset_dimensions()  # what the file says of its size may be wrong
            for row in sheet.iter_rows(values_only=True):
                yield from _row(list(map(_shown, row)), outline, number)


def _row(cells: list[str], outline: Outline, page: int | None = None, between: str = '\t') -> Iterator[Block]:
    text = between.join(map(one_line, cells)).rstrip()
    if text.strip():
        yield Block(text, headings=outline.headings, page=page)


def _shown(value: Any) -> str:
    """What a cell shows. Excel keeps a day as its midnight."""
    if value is None:
        return ''
    is_day = isinstance(value, datetime) and value.time() == time()
    return str(value.date() if is_day else value)


_READERS = {'docx': _word, 'pptx': _slides, 'xlsx': _sheets}
