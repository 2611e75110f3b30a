"""The event loop on which user functions are awaited: one thread of its own, so that everything works the same in a script, in a
notebook whose thread already runs a loop, and in an async web server."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Coroutine, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from pixeltable._support.forks import in_forked_child, keep
from pixeltable.exec.cancelling import Cancellation

Result = TypeVar('Result')

UNDER_WAY = 3
"""Pieces of work that `in_order` has started and not yet given back: more cost memory."""

SYNC_THREADS = 4
"""Threads for synchronous functions. They help those that wait or release the GIL; pure Python code gains nothing from more."""


class LoopThread:
    """A daemon thread that runs an event loop, started on first use."""

    def __init__(self) -> None:
        self._begin()
        in_forked_child(self._begin_again)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.pool = ThreadPoolExecutor(SYNC_THREADS, thread_name_prefix='pixeltable-call')

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
        return asyncio.run_coroutine_threadsafe(work, self._started())

    def in_order(
        self, work: Iterable[Coroutine[Any, Any, Result]], cancellation: Cancellation | None = None
    ) -> Iterator[Result]:
        """The results of many pieces of work, in their order, with a few under way at once; the rest wait unstarted."""
        under_way: deque[Future[Result]] = deque()
        cancellation = cancellation or Cancellation()
        try:
            for piece in work:
                under_way.append(cancellation.watch(self.start(piece)))
                if len(under_way) == UNDER_WAY:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()

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
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
                self._loop.close()
                self._loop = None
        self.pool.shutdown(wait=False, cancel_futures=True)
