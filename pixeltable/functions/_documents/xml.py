"""XML: a block for each stretch of text between two tags. Entities are not expanded: a document that declares any is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from pixeltable.functions._documents.blocks import Block, one_line
from pixeltable.functions._documents.sources import Source

_PIECE = 1 << 16


def check(source: Source) -> None:
    """Raises INVALID_DATA_FORMAT for what is not well formed, and for what declares entities."""
    for _ in blocks(source):
        pass


def blocks(source: Source) -> Iterator[Block]:
    """The blocks, read piece by piece."""
    found: list[Block] = []
    words: list[str] = []
    parser = expat.ParserCreate()
    line = 1

    def flush(*_: Any) -> None:
        text = one_line(''.join(words))
        words.clear()
        if text:
            found.append(Block(text, line=line))

    def data(text: str) -> None:
        nonlocal line
        if not words:
            line = parser.CurrentLineNumber
        words.append(text)

    def entity(*declared: Any) -> None:
        raise source.broken(f'it declares the entity {declared[0]!r}, which may stand for any amount of text')

    parser.buffer_text = True
    parser.StartElementHandler = parser.EndElementHandler = flush
    parser.CharacterDataHandler = data
    parser.EntityDeclHandler = entity
    with source.file() as file:
        piece = b' '
        while piece:
            piece = file.read(_PIECE)
            try:
                parser.Parse(piece, not piece)
            except (expat.ExpatError, ValueError, LookupError) as error:
                raise source.broken(error) from error
            yield from found
            found.clear()
