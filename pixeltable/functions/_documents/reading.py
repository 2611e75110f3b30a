"""One way to read documents of all sorts, and to check that they can be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pixeltable.functions._documents import archives, html, markdown, office, pdf, plain, xml
from pixeltable.functions._documents.blocks import Block
from pixeltable.functions._documents.sources import MAIN_PARTS, Source, sort_of


def check(source: Source) -> None:
    """Looks at a document no more than is needed to know that it can be read. Raises INVALID_DATA_FORMAT."""
    sort = sort_of(source)
    if sort in MAIN_PARTS:
        archives.check(source)
    elif sort == 'xml':
        xml.check(source)
    elif sort == 'pdf':
        pdf.check(source)


def blocks(source: Source, sort: str, *, skip_tags: Collection[str] = (), boxes: bool = False) -> Iterator[Block]:
    """The blocks of a document of a sort; with `boxes`, those of a PDF say where their lines are."""
    if sort == 'pdf':
        return pdf.blocks(source, boxes)
    if sort == 'html':
        return html.blocks(source, skip_tags)
    if sort in MAIN_PARTS:
        return office.blocks(source, sort)
    return _READERS[sort](source)


def title_of(source: Source, sort: str) -> str | None:
    """The title that a document gives itself: that among its properties, or of its head; None if it has none."""
    if sort in MAIN_PARTS:
        return office.title_of(source)
    return _TITLES[sort](source) if sort in _TITLES else None


_READERS = {'md': markdown.blocks, 'xml': xml.blocks, 'txt': plain.blocks}
_TITLES = {'pdf': pdf.title_of, 'html': html.title_of, 'md': markdown.title_of}
