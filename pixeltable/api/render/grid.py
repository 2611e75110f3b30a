"""Rows as a plain text grid, as `repr` needs it: no colours, no escape codes, never wider than the terminal."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any

from pixeltable.api.render.layout import aligned, columns_that_fit, cut, width_of
from pixeltable.api.render.values import cell_text, is_number, printable

MAX_ROWS = 40


def terminal_width() -> int:
    """Of the terminal, the variable COLUMNS, or 100."""
    return max(20, shutil.get_terminal_size((100, 24)).columns)


def grid(
    names: Sequence[str], rows: Sequence[Sequence[Any]], *, total: int | None = None, width: int | None = None
) -> str:
    """The first 40 of `rows` under the column `names`, and how many more rows (of `total`) and columns there are.

    A row has one value for each name. Numbers are aligned right.
    """
    total = len(rows) if total is None else total
    if not names:
        return f'{total} row{"" if total == 1 else "s"} without columns'
    width = terminal_width() if width is None else width
    shown = rows[:MAX_ROWS]
    header = [printable(name) for name in names]
    texts = [[cell_text(value, max(width, 1)) for value in row] for row in shown]
    natural = [max(map(width_of, column)) for column in zip(header, *texts, strict=True)]
    count = columns_that_fit(natural, width)
    right = {index for index in range(count) if _is_numeric([row[index] for row in shown])}
    lines = aligned(header[:count], [row[:count] for row in texts], width=width, right=right)
    return '\n'.join(lines + _footer(total, len(shown), header[count:], width))


def _is_numeric(values: Sequence[Any]) -> bool:
    present = [value for value in values if value is not None]
    return bool(present) and all(map(is_number, present))


def _footer(total: int, shown: int, hidden: Sequence[str], width: int) -> list[str]:
    lines = ['(no rows)'] if not total else []
    if total > shown:
        lines.append(f'… {total - shown} more row{"" if total - shown == 1 else "s"}')
    if hidden:
        plural = '' if len(hidden) == 1 else 's'
        lines.append(cut(f'… {len(hidden)} more column{plural}: {", ".join(hidden)}', width))
    return lines
