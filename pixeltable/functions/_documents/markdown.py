"""Markdown: CommonMark with tables, a block for each paragraph, heading, item of a list, row of a table and piece of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pixeltable._support.optional import require
from pixeltable.functions._documents.blocks import Block, Outline
from pixeltable.functions._documents.sources import Source, text_of

_FRONT = re.compile(r'\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$', re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r'^title:[ \t]*["\']?(.*?)["\']?[ \t]*$', re.MULTILINE)
_TEXTS = {'text', 'code_inline', 'html_inline'}
_BREAKS = {'softbreak': ' ', 'hardbreak': '\n'}
_LIMITS = {'maxNesting': 100}  # what is in more lists and quotations is left out
_WHOLE = {'fence', 'code_block', 'html_block'}


def title_of(source: Source) -> str | None:
    """The title in the front matter."""
    front = _FRONT.match(_text(source))
    title = _TITLE.search(front[1]) if front else None
    return title[1] or None if title else None


def blocks(source: Source) -> Iterator[Block]:
    """The blocks, without the front matter."""
    parser = require('markdown_it', 'documents').MarkdownIt('commonmark', _LIMITS).enable('table')
    text = _text(source)
    front = _FRONT.match(text)
    if front:
        text = '\n' * front[0].count('\n') + text[front.end() :]  # so that lines keep their numbers
    outline, level = Outline(), 0
    cells, row_line = list[str](), None
    for token in parser.parse(text):
        line = token.map[0] + 1 if token.map else None
        if token.type == 'heading_open':
            level = int(token.tag[1])
        elif token.type == 'tr_open':
            cells = []
        elif token.type in {'th_open', 'td_open'}:
            cells.append('')
        elif token.type == 'tr_close':
            yield Block('\t'.join(cells), headings=outline.headings, line=row_line)
            cells = []
        elif token.type == 'inline' and cells:
            cells[-1], row_line = _inline(token), line
        elif token.type == 'inline' or token.type in _WHOLE:
            words = _inline(token) if token.type == 'inline' else token.content.strip('\n')
            headings = outline.enter(level, words) if level else outline.headings
            if words.strip():
                yield Block(words, is_heading=level > 0, headings=headings, line=line)
            level = 0


def _text(source: Source) -> str:
    return text_of(source).replace('\r\n', '\n')


def _inline(token: Any) -> str:
    """The words of a paragraph; of a picture, what stands for it."""
    found = []
    for child in token.children or ():
        if child.type in _TEXTS or child.type == 'image':
            found.append(child.content)
        elif child.type in _BREAKS:
            found.append(_BREAKS[child.type])
    return ''.join(found)
