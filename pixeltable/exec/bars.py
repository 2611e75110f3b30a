"""How a line of progress looks. Loaded when there is one to show: rich takes longer to load than most operations take."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Column, Table
from rich.text import Text

from pixeltable._support.words import counted
from pixeltable.exec.progress import Progress


def console_of_stderr() -> Console:
    """The terminal, the cell of a notebook, or whatever stderr is."""
    return Console(stderr=True)


def is_seen(console: Console) -> bool:
    """Whether anybody can see a line change."""
    return console.is_jupyter or (console.is_terminal and not console.is_dumb_terminal)


def new_bars(console: Console) -> Bars:
    """Lines for progress, refreshed by whoever made them."""
    # What functions print goes above the bars if it goes to the terminal, too, and where it was sent otherwise.
    is_mixed = sys.stdout is not None and sys.stdout.isatty()
    columns = (
        TextColumn('{task.description}', markup=False, table_column=Column(no_wrap=True)),
        BarColumn(bar_width=20),
        _Details(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(),
    )
    return Bars(*columns, console=console, auto_refresh=False, redirect_stdout=is_mixed)


def counts(progress: Progress) -> dict[str, Any]:
    """The state of `progress`, as a line shows it."""
    return {
        'total': progress.total,
        'completed': progress.done,
        'unit': progress.unit,
        'found': progress.found,
        'failed': progress.failed,
    }


def cell_output(bars: Bars) -> Any:
    """An output of the running cell that can be replaced. rich's own way needs ipywidgets, which not every notebook has."""
    from IPython.display import display

    return display(as_table(bars), display_id=True)


def as_table(bars: Bars, tasks: Sequence[Task] | None = None) -> Table:
    """Some lines, or all, as they are now."""
    return bars.make_tasks_table(bars.tasks if tasks is None else tasks)


class _Details(ProgressColumn):
    """How many calls of how many, how fast, and what came of them."""

    def render(self, task: Task) -> Text:
        text = Text(f'{task.completed:,.0f}/{task.total or 0:,.0f} {task.fields["unit"]}')
        if task.speed:
            text.append(f', {task.speed:,.0f}/s' if task.speed >= 10 else f', {task.speed:.2g}/s')
        if task.fields['found']:
            text.append(f', {task.fields["found"]:,} from the ledger')
        if task.fields['failed']:
            text.append(f', {counted(task.fields["failed"], "error")}', style='red')
        return text
