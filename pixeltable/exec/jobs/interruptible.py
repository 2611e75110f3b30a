"""The session's event loop as one piece of work uses it: what it has started there can be cancelled by somebody else."""

from __future__ import annotations

from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any

from pixeltable.exec.loop import LoopThread, Result


class Interruptible(LoopThread):
    """All that it starts runs on `loop`. After `cancel`, whoever waits for it gets a CancelledError."""

    def __init__(self, loop: LoopThread) -> None:  # starts nothing of its own
        self._shared = loop
        self._under_way: set[Future[Any]] = set()
        self._is_cancelled = False
        self.pool = loop.pool

    def start(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        future = self._shared.start(work)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        if self._is_cancelled:
            future.cancel()
        return future

    def cancel(self) -> None:
        """Any thread may call it. A synchronous function that runs in a thread is left to itself."""
        self._is_cancelled = True
        for future in self._under_way.copy():
            future.cancel()
