"""The event loop on which user functions are awaited: one thread of its own, so that everything works the same in a script, in a
notebook whose thread already runs a loop, and in an async web server."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import itertools
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pixeltable._support.daemon_threads import DaemonThreads
from pixeltable._support.forks import in_forked_child, keep
from pixeltable._support.turns import turns
from pixeltable.exec.cancelling import Cancellation

Result = TypeVar('Result')

UNDER_WAY = 3
"""Pieces of work that `in_order` has started and not yet given back: more cost memory."""

THREADS = 96
"""Threads for synchronous functions, most of which wait for something. They are started as they are needed."""

CLOSE_SECONDS = 1.0
"""So long the loop waits at its end for calls that were cancelled."""

piece_number: contextvars.ContextVar[int] = contextvars.ContextVar('piece_number', default=-1)
"""Which piece of the work of `in_order` the running task belongs to."""


@dataclass(slots=True)
class Flow:
    """How far the pieces of an operation are: whoever gathers rows of several must know when no more will come.

    Attributes:
        under_way: how many pieces may be under way at once.
        begun: pieces that have begun and are not done.
        has_more: whether there are pieces that have not begun.
        changed: is called on the loop after each change.
    """

    under_way: int = UNDER_WAY
    begun: set[int] = field(default_factory=set)
    has_more: bool = False
    changed: list[Callable[[], None]] = field(default_factory=list)

    @property
    def may_grow(self) -> bool:
        """Whether another piece may begin before one of those that have begun is done."""
        return self.has_more and len(self.begun) < self.under_way

    def tell(self) -> None:
        for each in self.changed:
            each()


class LoopThread:
    """A daemon thread that runs an event loop, started on first use."""

    def __init__(self) -> None:
        self._begin()
        in_forked_child(self._begin_again)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.pool = DaemonThreads(THREADS, 'pixeltable-call')

    def _begin_again(self) -> None:
        keep((self._loop, self.pool))
        self._begin()

    def run(self, work: Coroutine[Any, Any, Result], cancellation: Cancellation | None = None) -> Result:
        """Runs `work` on the loop and waits for it. Ctrl-C cancels it before it reaches the caller, as `cancellation` does."""
        future = (cancellation or Cancellation()).watch(self.start(work))
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def start(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Starts `work` on the loop."""
        turns.pass_on()  # who starts it is going to wait for it
        return asyncio.run_coroutine_threadsafe(work, self._started())

    def in_order(
        self,
        work: Iterable[Coroutine[Any, Any, Result]],
        cancellation: Cancellation | None = None,
        flow: Flow | None = None,
    ) -> Iterator[Result]:
        """The results of many pieces of work, in their order, with a few under way at once; the rest wait unstarted."""
        flow = flow or Flow()
        under_way: deque[tuple[Future[Result], Coroutine[Any, Any, Result]]] = deque()
        cancellation = cancellation or Cancellation()
        pieces, numbers = iter(work), itertools.count()
        following = next(pieces, None)
        try:
            while following is not None or under_way:
                while following is not None and len(under_way) < flow.under_way:
                    piece, following = following, next(pieces, None)
                    started = self.start(_noted(piece, flow, next(numbers), following is not None))
                    under_way.append((cancellation.watch(started), piece))
                result = under_way[0][0].result()  # it stays there until then, to be cancelled if this is interrupted
                under_way.popleft()
                yield result
        except CancelledError:
            cancellation.check()  # which raises what tells it from a call that was cancelled
            raise
        finally:
            for future, piece in under_way:
                future.cancel()
                self._close_unstarted(piece)
            if following is not None:
                following.close()

    def _close_unstarted(self, piece: Coroutine[Any, Any, Any]) -> None:
        """Closes a piece of work that was cancelled before it began; on the loop, where it does not begin meanwhile."""

        def close() -> None:
            if inspect.getcoroutinestate(piece) == inspect.CORO_CREATED:
                piece.close()

        loop = self._loop
        if loop is None:
            close()
            return
        with contextlib.suppress(RuntimeError):  # it was closed meanwhile
            loop.call_soon_threadsafe(close)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name='pixeltable-loop', daemon=True)
                self._thread.start()
            return self._loop

    def close(self) -> None:
        """Stops the loop and its threads; the object cannot be used afterwards."""
        with self._lock:
            if self._loop is not None and self._thread is not None:
                asyncio.run_coroutine_threadsafe(_end_tasks(), self._loop).result()
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
                self._loop.close()
                self._loop = None
        self.pool.shutdown(cancel_futures=True)


async def _end_tasks() -> None:
    """Cancels what still runs, and gives it some time to end: a task that is destroyed in the middle complains of it."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=CLOSE_SECONDS)


async def _noted(piece: Coroutine[Any, Any, Result], flow: Flow, number: int, has_more: bool) -> Result:
    """Does a piece of work, and keeps `flow` up to date. All of it happens on the loop."""
    piece_number.set(number)
    flow.begun.add(number)
    flow.has_more = has_more
    flow.tell()
    try:
        return await piece
    finally:
        flow.begun.discard(number)
        flow.tell()
