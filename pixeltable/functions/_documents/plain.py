"""Plain text: paragraphs are what blank lines part, and nothing of the text between the first and the last word is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pixeltable.functions._documents.blocks import Block
from pixeltable.functions._documents.sources import Source, text_of

_BLANK = re.compile(r'[ \t]*\r?\n(?:[ \t]*\r?\n)+')


def blocks(source: Source) -> Iterator[Block]:
    """A block for each paragraph."""
    text = text_of(source).rstrip()
    before, start = '', len(text) - len(text.lstrip())
    line = 1 + text.count('\n', 0, start)
    for gap in _BLANK.finditer(text, start):
        yield Block(text[start : gap.start()], before, line=line)
        line += text.count('\n', start, gap.end())
        before, start = gap[0], gap.end()
    yield Block(text[start:], before, line=line)
