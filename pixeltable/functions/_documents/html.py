"""HTML as a stream of tags, of any depth: nothing is built from it, so nothing can be too deep."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html import unescape
from html.parser import HTMLParser

from pixeltable.functions._documents.blocks import Block, Outline, one_line
from pixeltable.functions._documents.sources import Source, text_of

_INLINE_TAGS = """
a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark meta object output q ruby s samp small span
strike strong sub sup time tt u var wbr
"""
_VOID_TAGS = 'area base br col embed hr img input link meta param source track wbr'
_INLINE = frozenset(_INLINE_TAGS.split())
_HEADINGS = {f'h{level}': level for level in range(1, 7)}
_NO_TEXT = frozenset({'head', 'script', 'style', 'template', 'noscript', 'svg'})
_CELLS = frozenset({'td', 'th'})
_VOID = frozenset(_VOID_TAGS.split())  # they have no end


def title_of(source: Source) -> str | None:
    """The text of the `title`."""
    return _parsed(source, ()).title or None


def blocks(source: Source, skip_tags: Collection[str]) -> Iterator[Block]:
    """A block for each paragraph, heading, item of a list and row of a table that is not in one of `skip_tags`."""
    yield from _parsed(source, skip_tags).blocks


def _parsed(source: Source, skip_tags: Collection[str]) -> _Reader:
    reader = _Reader(skip_tags)
    reader.feed(text_of(source))
    rest, _, _ = reader.rawdata.partition('<')  # what is left is text, and maybe a tag without an end, as which
    reader.handle_data(unescape(rest))  # `close` would try each of its characters
    reader.flush()
    return reader


class _Reader(HTMLParser):
    def __init__(self, skip_tags: Collection[str]) -> None:
        super().__init__()
        self.title = ''
        self.blocks: list[Block] = []
        self._skipped = {tag.lower() for tag in skip_tags} | _NO_TEXT
        self._outline = Outline()
        self._words: list[str] = []
        self._line = 1
        self._inside: tuple[str, int] | None = None  # the tag that is skipped, and how many of its name are open
        self._in_title = False
        self._level = self._kept = 0  # of the heading, and of `pre`, whose white space is kept

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == 'title' and not self.title:
            self._in_title = True
        if tag == 'body':
            self._inside = None if self._inside and self._inside[0] == 'head' else self._inside
        if self._inside is not None:
            if tag == self._inside[0]:
                self._inside = (tag, self._inside[1] + 1)
        elif tag in self._skipped:
            if tag not in _VOID:
                self._inside = (tag, 1)
        elif tag == 'br':
            self._words.append('\n' if self._kept else ' ')
        elif tag in _CELLS:
            self.handle_data('\t' if self._words else '')
        elif tag not in _INLINE:
            self.flush()
            self._level = _HEADINGS.get(tag, self._level)
            self._kept += tag == 'pre'

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != 'title'
        if self._inside is not None:
            if tag == self._inside[0]:
                self._inside = None if self._inside[1] == 1 else (tag, self._inside[1] - 1)
        elif tag not in _INLINE and tag not in _CELLS and tag not in _VOID:
            self.flush()
            self._level = 0 if tag in _HEADINGS else self._level
            self._kept -= tag == 'pre' and self._kept > 0

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title = one_line(self.title + data)
        elif self._inside is None and (self._words or not data.isspace()):
            if not self._words:
                self._line = self.getpos()[0]
            self._words.append(data)

    def flush(self) -> None:
        """Ends the block, if there is one."""
        text = ''.join(self._words)
        self._words = []
        text = text.strip('\n') if self._kept else '\t'.join(map(one_line, text.split('\t'))).strip()
        if not text.strip():
            return
        headings = self._outline.enter(self._level, text) if self._level else self._outline.headings
        self.blocks.append(Block(text, is_heading=self._level > 0, headings=headings, line=self._line))
