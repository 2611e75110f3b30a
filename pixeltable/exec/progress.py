"""How far an operation is. It counts calls of user functions, which are what takes time; `display` shows the counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

PATIENCE_SECONDS = 1.0
"""Work that is done within this time shows nothing."""


Advance = Callable[[int], None]
"""`Progress.calls`, for those who need no more of it."""


class Watcher(Protocol):
    """What shows progress."""

    def show(self, progress: Progress) -> None:
        """Shows `progress` from now on."""

    def hide(self, progress: Progress) -> None:
        """Shows the last state of `progress`, and nothing of it any more."""


class Progress:
    """The counts of one operation. Any thread may add to them; all of them are kept whether or not anybody looks.

    Attributes:
        title: such as `"insert into 'docs'"`.
        unit: what is counted.
        total: how many calls there will be, as far as is known.
        done: those of them that are done, whatever came of them.
        found: those of the done ones that were not made because their results were in the ledger.
        failed: those of the done ones that failed.
    """

    def __init__(self, title: str, watcher: Watcher | None = None, unit: str = 'calls') -> None:
        self.title = title
        self.unit = unit
        self.total = self.done = self.found = self.failed = 0
        self._watcher = watcher
        self._due = time.monotonic() + PATIENCE_SECONDS
        self._is_shown = False
        self._lock = threading.Lock()

    def expect(self, calls: int) -> None:
        """So many calls more are to be made."""
        with self._lock:
            self.total += calls

    def calls(self, calls: int) -> None:
        """So many calls more are done."""
        with self._lock:
            self.done += calls
        if self._watcher is not None and not self._is_shown:
            self._look(self._watcher)

    def hits(self, calls: int) -> None:
        """So many calls more are done, by their results in the ledger."""
        with self._lock:
            self.found += calls
        self.calls(calls)

    def errors(self, calls: int) -> None:
        """So many of the calls that are done failed."""
        with self._lock:
            self.failed += calls

    def _look(self, watcher: Watcher) -> None:
        """Shows a bar if the work takes long and is not about to end."""
        if time.monotonic() < self._due:
            return
        with self._lock:
            if self._is_shown or self.done >= self.total:
                return
            self._is_shown = True
        watcher.show(self)

    def close(self) -> None:
        """To be called at the end of the operation."""
        if self._watcher is not None and self._is_shown:
            self._watcher.hide(self)
