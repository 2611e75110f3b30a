"""Blocks put together into chunks, by what separates them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pixeltable.functions._documents.blocks import Block, Box, around

Place = tuple[int, Block]
"""A block, and where it begins in the text of several."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the text, the block in which it begins, and its box on the page of that, if boxes are known."""

    text: str
    first: Block
    box: Box | None


def groups(blocks: Iterable[Block], separators: Collection[str]) -> Iterator[Iterator[Block]]:
    """The blocks that stand between two separators. Each group is read before the next one."""
    number = 0
    last: Block | None = None

    def group_of(block: Block) -> int:
        nonlocal number, last
        if last is not None and any(_BEGINS[name](last, block) for name in separators):
            number += 1
        last = block
        return number

    for _, group in itertools.groupby(blocks, group_of):
        yield group


def whole(blocks: Iterable[Block]) -> Chunk:
    """One chunk of all the blocks, of which there is at least one."""
    texts, places, length = list[str](), list[Place](), 0
    for block in blocks:
        texts += (block.before if texts else '', block.text)
        places.append((length + len(texts[-2]), block))
        length += len(texts[-2]) + len(block.text)
    return chunk_of(''.join(texts), places, 0, length)


def chunk_of(text: str, places: Sequence[Place], start: int, end: int) -> Chunk:
    """A part of the text of several blocks."""
    inside = [(place, block) for place, block in places if place < end and place + len(block.text) > start]
    first = inside[0][1] if inside else places[0][1]
    boxes = [
        block.box(start - place, end - place) for place, block in inside if block.page == first.page and block.lines
    ]
    found = [box for box in boxes if box is not None]
    return Chunk(text[start:end], first, around(found) if found else None)


def sentences(blocks: Iterable[Block], split: Callable[[str], Iterable[str]]) -> Iterator[Block]:
    """The sentences of the blocks. None goes on from one block to the next."""
    for block in blocks:
        place = 0
        for sentence in split(block.text):
            place = max(block.text.find(sentence, place), 0)
            lines = [(start - place, box) for start, box in block.lines]
            first = max((number for number, (start, _) in enumerate(lines) if start <= 0), default=0)
            before = block.before if place == 0 else ' '
            yield dataclasses.replace(block, text=sentence, before=before, lines=tuple(lines[first:]))
            place += len(sentence)


_BEGINS: dict[str, Callable[[Block, Block], bool]] = {
    'heading': lambda last, block: block.is_heading,
    'page': lambda last, block: last.page != block.page,
    'paragraph': lambda last, block: True,
    'sentence': lambda last, block: True,
    'char_limit': lambda last, block: False,
    'token_limit': lambda last, block: False,
}
