"""Texts in aligned columns for a terminal: how wide characters are, what is cut or wrapped, which columns fit.

It knows nothing of values; `values` makes the texts.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Collection, Sequence

_GAP = '  '
_NARROWEST = 6
_SHARE = 6
"""A grid has so many columns, and more only where they are narrow: of what has less room nothing could be read."""
_INVISIBLE = ('Mn', 'Me', 'Cf')


def width_of(text: str) -> int:
    """The terminal columns that `text` takes: East Asian characters and emoji take two, accents none."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if unicodedata.category(char) in _INVISIBLE:
        return 0
    return 2 if unicodedata.east_asian_width(char) in 'WF' else 1


def cut(text: str, width: int) -> str:
    """`text` in at most `width` terminal columns; `…` says that something is missing."""
    if width_of(text) <= width:
        return text
    used, end = 1, 0
    for end, char in enumerate(text):  # noqa: B007
        used += _char_width(char)
        if used > width:
            break
    return text[:end] + '…' if width > 0 else ''


def pad(text: str, width: int, *, right: bool = False) -> str:
    """`text` filled with spaces up to `width` terminal columns."""
    space = ' ' * (width - width_of(text))
    return space + text if right else text + space


def fit(natural: Sequence[int], available: int) -> list[int]:
    """Widths with a sum of at most `available`: narrow columns keep theirs, the wide ones share the rest."""
    widths = list(natural)
    narrow_first = sorted(range(len(widths)), key=widths.__getitem__)
    for done, index in enumerate(narrow_first):
        widths[index] = max(1, min(widths[index], available // (len(widths) - done)))
        available -= widths[index]
    return widths


def columns_that_fit(natural: Sequence[int], width: int) -> int:
    """How many of the first columns can stand side by side, at least one."""
    used, least = -len(_GAP), max(_NARROWEST, width // _SHARE - len(_GAP))
    for count, column in enumerate(natural):
        used += len(_GAP) + min(column, least)
        if used > width:
            return max(1, count)
    return len(natural)


def aligned(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int,
    right: Collection[int] = (),
    wrap: bool = False,
    dotted_after: int = 0,
) -> list[str]:
    """The lines of a table: header, rule, rows. Long cells are cut, or wrapped; wrapped tables may exceed `width`.

    `right` holds the positions of columns aligned right. A dotted line follows the first `dotted_after` rows, if others come.
    """
    table = [header, *rows]
    natural = [max(width_of(row[index]) for row in table) for index in range(len(header))]
    available = width - len(_GAP) * (len(header) - 1)
    widths = fit(natural, max(available, _NARROWEST * len(header)) if wrap else available)
    lines = _row(header, widths, right, wrap)
    lines.append(_GAP.join('─' * column for column in widths))
    for number, row in enumerate(rows):
        if number and number == dotted_after:
            lines.append('┄' * (sum(widths) + len(_GAP) * (len(widths) - 1)))
        lines += _row(row, widths, right, wrap)
    return [line.rstrip() for line in lines]


def _row(row: Sequence[str], widths: Sequence[int], right: Collection[int], wrap: bool) -> list[str]:
    cells = [_lines(text, width, wrap) for text, width in zip(row, widths, strict=True)]
    height = max(len(cell) for cell in cells)
    return [
        _GAP.join(
            pad(cell[line] if line < len(cell) else '', widths[index], right=index in right)
            for index, cell in enumerate(cells)
        )
        for line in range(height)
    ]


def _lines(text: str, width: int, wrap: bool) -> list[str]:
    return (textwrap.wrap(text, width) if wrap else [cut(text, width)]) or ['']
