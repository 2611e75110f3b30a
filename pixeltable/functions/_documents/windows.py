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
        begun = self._place(self._unit)
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
        """The next window: as many units as the limit allows, and one new character at least.

        What is cut out may have more tokens than it had where it stood: then it ends earlier, or else begins later.
        """
        least = int(np.searchsorted(self._ends, self._place(self._new), side='right')) + 1
        stop = max(least, min(self._unit + self._limit, len(self._ends)))
        begin = self._unit
        while excess := max(0, self._measure.count(self._text[self._place(begin) : self._place(stop)]) - self._limit):
            if stop > least:
                stop = max(least, stop - excess)
            elif begin < self._new:
                begin = min(self._new, begin + excess)
            else:
                break
        self._new = stop
        self._unit = max(begin, stop - self._overlap) if self.has_more else stop
        return chunk_of(self._text, self._places, self._place(begin), self._place(stop))

    def _place(self, unit: int) -> int:
        """Where a unit begins."""
        return 0 if unit == 0 else int(self._ends[unit - 1])
