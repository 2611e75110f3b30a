"""Shows the progress of all operations that are under way: one display, as a terminal has one last line.

Operations of several threads, and those within others, are lines of the same display. It reads their counts a few times a second
in a thread of its own, which lives while there is something to show, so that counting costs next to nothing. In a notebook, the
display is an output of the cell. Where nobody can see it (a pipe, a file, a server) there is none.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pixeltable._support.forks import in_forked_child, keep

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from pixeltable.exec.progress import Progress

_log = logging.getLogger('pixeltable')

REFRESH_SECONDS = 0.2


class Display:
    """The lines of the operations of one session. Without a `console` they go to stderr, or to the cell of the notebook."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console
        self._begin()
        in_forked_child(self._begin_again)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._bars: Bars | None = None
        self._cell: Any = None
        self._lines: dict[Progress, TaskID] = {}
        self._end = threading.Event()

    def _begin_again(self) -> None:
        keep(self._bars)
        self._begin()

    def show(self, progress: Progress) -> None:
        """See `progress.Watcher`."""
        from pixeltable.exec.bars import console_of_stderr, counts, is_seen, new_bars

        with self._lock, self._unbroken():
            if self._console is None:
                self._console = console_of_stderr()
            if not is_seen(self._console):
                return
            if self._bars is None:
                self._start(new_bars(self._console))
            assert self._bars is not None
            self._lines[progress] = self._bars.add_task(progress.title, **counts(progress))
            self._refresh()

    def hide(self, progress: Progress) -> None:
        """See `progress.Watcher`."""
        with self._lock, self._unbroken():
            if progress not in self._lines:
                return
            self._refresh()
            line = self._lines.pop(progress)
            if not self._lines:
                self._stop()
            elif self._bars is not None:
                self._leave(self._bars, line)

    def close(self) -> None:
        """Ends the display, whatever it shows."""
        with self._lock, self._unbroken():
            self._lines.clear()
            self._stop()

    @staticmethod
    def _leave(bars: Bars, line: TaskID) -> None:
        """Leaves a line that changes no more above those that do, so that these stay few however many operations there are."""
        from pixeltable.exec.bars import as_table

        (task,) = (task for task in bars.tasks if task.id == line)
        bars.remove_task(line)
        if not bars.console.is_jupyter:
            bars.console.print(as_table(bars, [task]))

    @contextlib.contextmanager
    def _unbroken(self) -> Iterator[None]:
        """A terminal that is gone must not end what it was to show."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  whatever a console or a notebook raises
            _log.warning('progress cannot be shown: %s: %s', type(error).__name__, error)
            self._lines.clear()
            self._end.set()
            self._bars = self._cell = None

    def _start(self, bars: Bars) -> None:
        self._bars = bars
        if not bars.console.is_jupyter:
            bars.start()
        self._end = threading.Event()
        threading.Thread(target=self._run, args=(self._end,), name='pixeltable-progress', daemon=True).start()

    def _stop(self) -> None:
        self._end.set()
        if self._bars is not None and not self._bars.console.is_jupyter:
            self._bars.stop()
        self._bars = self._cell = None

    def _run(self, end: threading.Event) -> None:
        while not end.wait(REFRESH_SECONDS):
            with self._lock, self._unbroken():
                if not end.is_set():
                    self._refresh()

    def _refresh(self) -> None:
        from pixeltable.exec.bars import as_table, cell_output, counts

        assert self._bars is not None
        for progress, line in self._lines.items():
            self._bars.update(line, **counts(progress))
        if not self._bars.console.is_jupyter:
            self._bars.refresh()
        elif self._cell is None:
            self._cell = cell_output(self._bars)
        else:
            self._cell.update(as_table(self._bars))
