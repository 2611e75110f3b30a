"""A progress bar for work that takes longer than a moment. It counts calls of user functions, which are what takes time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

PATIENCE_SECONDS = 1.0
"""Work that is done within this time shows nothing."""


Advance = Callable[[int], None]
"""Takes how many calls were done since the last time. Any thread may call it."""


def unseen(calls: int) -> None:
    """The `Advance` that shows nothing."""


@contextlib.contextmanager
def progress(enabled: bool, what: str, total: int) -> Iterator[Advance]:
    """Yields a function that shows how many of `total` calls are done."""
    if not enabled or total < 2:
        yield unseen
        return
    lock = threading.Lock()
    started = time.monotonic()
    bar: Any = None
    task: Any = None
    done = 0

    def advance(calls: int) -> None:
        nonlocal bar, task, done
        with lock:
            done = min(done + calls, total)
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
