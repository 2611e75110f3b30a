"""How the demo looks in a terminal. Nothing here knows of Pixeltable but that a result is a sequence of dicts."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDTH = 100

console = Console(width=WIDTH, highlight=False, record=True)
_sections = 0


def section(title: str) -> None:
    """Starts a numbered part."""
    global _sections
    _sections += 1
    console.print()
    console.print(Text.assemble((f'{_sections}  ', 'bold cyan'), (title, 'bold')))


def say(text: str) -> None:
    """One line; what stands in backticks is shown as code."""
    parts = text.split('`')
    console.print(Text.assemble('   ', *((part, 'cyan' if index % 2 else '') for index, part in enumerate(parts))))


def table(rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows as a table; numbers stand right."""
    shown = list(rows)
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style='dim', show_edge=False)
    for name, value in (shown[0] if shown else {}).items():
        grid.add_column(
            name, justify='right' if isinstance(value, int | float) else 'left', overflow='ellipsis', no_wrap=True
        )
    for row in shown:
        grid.add_row(*map(_cell, row.values()))
    console.print()
    console.print(Text('   (no rows)') if not shown else Padding(grid, (0, 0, 0, 3)))


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f'{value:.3f}'
    return f'{value:,}' if isinstance(value, int) else str(value)


@contextlib.contextmanager
def waiting(what: str) -> Iterator[None]:
    """Shows that something goes on, and then how long it took."""
    started = time.perf_counter()
    with console.status(what):
        yield
    say(f'{what}: {time.perf_counter() - started:.1f} s')


def save_picture(path: Path) -> None:
    """Writes what was printed so far as an SVG file that fetches no font from anywhere."""
    picture = console.export_svg(title='make demo')
    path.write_text(re.sub(r'@font-face \{.*?\}\s*', '', picture, flags=re.DOTALL), encoding='utf-8')
