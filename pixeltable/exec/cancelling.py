"""Stops an operation from another thread: the way from a cancelled `await` to the calls that the operation is waiting for.

An operation runs in one thread, and what it waits for runs on the event loop of the session. To stop it, the work on the loop is
cancelled, which ends the wait; where it is not waiting it looks now and then by itself, the last time right before its commit.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar('Result')

_current: contextvars.ContextVar[Cancellation | None] = contextvars.ContextVar('pixeltable_cancellation', default=None)


class Cancelled(BaseException):
    """An operation was stopped from outside. No `Exception`, so that nobody takes it for the failure of a call."""


class Cancellation:
    """Whether an operation is to stop, and what has to be done for that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: dict[int, Callable[[], Any]] = {}
        self._next = 0
        self.is_set = False

    def cancel(self) -> None:
        """Stops the operation. Any thread may call it; a second time does nothing."""
        with self._lock:
            self.is_set = True
            stops = list(self._stops.values())
            self._stops.clear()
        for stop in stops:
            stop()

    def check(self) -> None:
        """Raises Cancelled if the operation is to stop."""
        if self.is_set:
            raise Cancelled

    def on_cancel(self, stop: Callable[[], Any]) -> Callable[[], None]:
        """Calls `stop` when the operation is cancelled, at once if it was already. Returns what takes that back."""
        with self._lock:
            number = self._next
            self._next += 1
            if not self.is_set:
                self._stops[number] = stop
                return lambda: self._forget(number)
        stop()
        return lambda: None

    def watch(self, future: Future[Result]) -> Future[Result]:
        """Cancels `future` when the operation is cancelled."""
        forget = self.on_cancel(future.cancel)
        future.add_done_callback(lambda _: forget())
        return future

    def _forget(self, number: int) -> None:
        with self._lock:
            self._stops.pop(number, None)


@contextlib.contextmanager
def cancellable(cancellation: Cancellation) -> Iterator[None]:
    """Operations that start inside the block are stopped by `cancellation`."""
    token = _current.set(cancellation)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Cancellation:
    """What stops an operation that starts now."""
    return _current.get() or Cancellation()
