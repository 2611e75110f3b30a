"""A progress bar for work that takes longer than a moment."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

PATIENCE_SECONDS = 1.0
"""Work that is done within this time shows nothing."""


@contextlib.contextmanager
def progress(enabled: bool, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yields a function to call with the number of rows that were done."""
    if not enabled or total < 2:
        yield lambda rows: None
        return
    started = time.monotonic()
    bar: Any = None
    task: Any = None
    done = 0

    def advance(rows: int) -> None:
        nonlocal bar, task, done
        done += rows
        if bar is None and time.monotonic() - started > PATIENCE_SECONDS and done < total:
            bar = _bar()
            task = bar.add_task(what, total=total)
            bar.start()
        if bar is not None:
            bar.update(task, completed=done)

    try:
        yield advance
    finally:
        if bar is not None:
            bar.stop()


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=False)
