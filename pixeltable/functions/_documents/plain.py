"""Plain text: paragraphs are what blank lines part, and nothing of the text between the first and the last word is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pixeltable.functions._documents.blocks import Block
from pixeltable.functions._documents.sources import Source, text_of

_BLANK = re.compile(r'\n(?:[ \t\r]*\n)+')


def blocks(source: Source) -> Iterator[Block]:
    """A block for each paragraph."""
    text = text_of(source).rstrip()
    start = len(text) - len(text.lstrip())
    end, line = start, 1 + text.count('\n', 0, start)
    for gap in _BLANK.finditer(text, start):
        words = text[start : gap.start()].rstrip()
        if words:
            yield Block(words, text[end:start], line=line)
            end = start + len(words)
        line += text.count('\n', start, gap.end())
        start = gap.end()
    yield Block(text[start:], text[end:start], line=line)
