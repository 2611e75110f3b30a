"""An executor whose threads never keep the interpreter from ending: what was interrupted, or
hangs, must not hold it up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec('P')
Result = TypeVar('Result')

WAIT_SECONDS = 1.0

Task = tuple[Future[Any], Callable[[], Any]]


class DaemonThreads(Executor):
    """Up to `most` threads, each started when there is work and none is idle."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._free = 0  # idle threads, less the tasks that wait
        self._started = 0
        self._threads: list[threading.Thread] = []

    def submit(self, fn: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> Future[Result]:
        """Runs `fn` in a thread."""
        future: Future[Result] = Future()
        self._tasks.put((future, lambda: fn(*args, **kwargs)))
        with self._lock:
            self._free -= 1
            is_new = self._free < 0 and self._started < self._most
            if is_new:
                self._started += 1
                self._free += 1
        if is_new:
            thread = threading.Thread(target=self._work, name=f'{self._name}-{self._started}', daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def give_up(self) -> None:
        """One thread is lost to work that does not end; another may take its place."""
        with self._lock:
            self._most += 1

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Lets idle threads end; with `cancel_futures`, what has not begun is cancelled.

        With `wait`, waits a moment for the others: at the end of the interpreter, a thread that is just in a C++ library would
        take the process down.
        """
        while cancel_futures and not self._tasks.empty():
            task = self._tasks.get()
            if task is not None:
                task[0].cancel()
        for _ in range(self._started):
            self._tasks.put(None)
        deadline = time.monotonic() + (WAIT_SECONDS if wait else 0)
        for thread in self._threads if wait else ():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            _run(*task)
            del task  # its result is not this thread's to keep
            with self._lock:
                self._free += 1


def _run(future: Future[Any], call: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001  whoever waits for the result gets it
        future.set_exception(error)
    else:
        future.set_result(result)
