"""Results that are to be read rather than worked with: their texts are printed whole."""

from __future__ import annotations

from pixeltable.api.render.grid import terminal_width
from pixeltable.api.render.layout import aligned
from pixeltable.api.render.values import cell_text, is_number
from pixeltable.api.results import ResultSet


class Listing(ResultSet):
    """A result set whose long texts wrap."""

    __slots__ = ()

    def __repr__(self) -> str:
        names, width = list(self.schema), terminal_width()
        rows = [list(row.values()) for row in self]
        right = {number for number in range(len(names)) if rows and all(is_number(row[number]) for row in rows)}
        texts = [['' if cell is None else cell_text(cell, 10_000) for cell in row] for row in rows]
        lines = aligned(names, texts, width=width, right=right, wrap=True)
        return '\n'.join(lines if rows else [*lines, '(no rows)'])
