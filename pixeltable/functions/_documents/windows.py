"""Text cut into windows of a number of characters or tokens, which may overlap. It is read no further than is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np

from pixeltable.functions._documents.blocks import Block
from pixeltable.functions._documents.chunks import Chunk, Place, chunk_of


class Measure(Protocol):
    """What a text is measured in."""

    def count(self, text: str) -> int:
        """How many there are in a text."""

    def ends(self, text: str) -> Any:
        """Where each ends, as an array."""


class Characters:
    """Measures texts by characters."""

    def count(self, text: str) -> int:
        return len(text)

    def ends(self, text: str) -> Any:
        return np.arange(1, len(text) + 1)


def windows(blocks: Iterable[Block], measure: Measure, limit: int, overlap: int) -> Iterator[Chunk]:
    """Windows of `limit` units over the text of the blocks, each of which begins `overlap` units before the end of the last."""
    window = _Window(measure, limit, overlap)
    for block in blocks:
        window.add(block)
        while window.is_full:
            yield window.cut()
    while window.has_more:
        yield window.cut()


class _Window:
    """The text that is not in a window yet, with what the next one shares with the last."""

    def __init__(self, measure: Measure, limit: int, overlap: int) -> None:
        self._measure, self._limit, self._overlap = measure, limit, overlap
        self._text = ''
        self._places: list[Place] = []
        self._ends = np.empty(0, np.int64)  # of the units of the text
        self._unit = self._new = 0  # where the next window begins, and what was in no window yet

    def add(self, block: Block) -> None:
        begun = 0 if self._unit == 0 else int(self._ends[self._unit - 1])
        self._text = self._text[begun:]
        self._places = [(place - begun, each) for place, each in self._places if place + len(each.text) > begun]
        added = (block.before if self._places or self._text else '') + block.text
        self._places.append((len(self._text) + len(added) - len(block.text), block))
        self._ends = np.concatenate((self._ends[self._unit :] - begun, len(self._text) + self._measure.ends(added)))
        self._text += added
        self._new -= self._unit
        self._unit = 0

    @property
    def has_more(self) -> bool:
        return self._new < len(self._ends)

    @property
    def is_full(self) -> bool:
        """Whether there is text behind the next window."""
        return len(self._ends) - self._unit > self._limit

    def cut(self) -> Chunk:
        """The next window: as many units as the limit allows, and one character at least."""
        start = 0 if self._unit == 0 else int(self._ends[self._unit - 1])
        stop = min(self._unit + self._limit, len(self._ends))
        while stop > self._new + 1:  # what is cut out may have other tokens than it had where it stood
            excess = self._measure.count(self._text[start : self._ends[stop - 1]]) - self._limit
            if excess <= 0:
                break
            stop = max(self._new + 1, stop - excess)
        while stop < len(self._ends) and self._ends[stop - 1] <= start:
            stop += 1
        self._new = stop
        self._unit = max(self._unit + 1, stop - self._overlap) if self.has_more else stop
        return chunk_of(self._text, self._places, start, int(self._ends[stop - 1]))
