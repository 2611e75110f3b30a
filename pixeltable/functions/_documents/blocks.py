"""What readers give: blocks of text in the order of the document, with what is known of their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]
Headings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading, a row of a table, or the page of a PDF.

    Attributes:
        before: what stands between it and the text before it.
        headings: those that it is below, and its own text if it is one, by level: `h1` to `h6`.
        line: where it begins in the source, from 1.
        page: the page, slide or sheet, from 0.
        lines: where each line of `text` begins, and its box.
    """

    text: str
    before: str = '\n'
    is_heading: bool = False
    headings: Headings | None = None
    line: int | None = None
    page: int | None = None
    lines: tuple[tuple[int, Box], ...] = ()

    def box(self, start: int, end: int) -> Box | None:
        """The box around the lines that a part of the text touches; None if boxes are not known."""
        ends = [place for place, _ in self.lines[1:]] + [len(self.text)]
        found = [box for (place, box), stop in zip(self.lines, ends, strict=True) if place < end and stop > start]
        return around(found) if found else None


def around(boxes: Sequence[Box]) -> Box:
    """The box around others."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


class Outline:
    """The headings that are above the place that a reader has come to."""

    def __init__(self) -> None:
        self.headings: Headings = {}

    def enter(self, level: int, text: str) -> Headings:
        """Goes below a heading of a level from 1 to 6."""
        above = {key: value for key, value in self.headings.items() if int(key[1]) < level}
        self.headings = {**above, f'h{level}': text}
        return self.headings


def one_line(text: str) -> str:
    """The text with a space for each stretch of white space."""
    return ' '.join(text.split())
