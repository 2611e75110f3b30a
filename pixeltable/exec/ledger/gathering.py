"""A thread that carries out together what many callers handed to it while it was busy, and how they hear of it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from pixeltable._support.forks import in_forked_child
from pixeltable.errors import ErrorCode, RequestError

Job = TypeVar('Job')

_log = logging.getLogger('pixeltable')


class Gathering(Generic[Job]):
    """A daemon thread, started with the first job.

    `carry_out` gets all jobs that have come since it was last called, in their order. What it returns is in how many seconds it
    wants to be called again though none comes; None for never.
    """

    def __init__(self, name: str, carry_out: Callable[[list[Job]], float | None]) -> None:
        self._name = name
        self._carry_out = carry_out
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._jobs: list[Job] = []
        self._is_ended = False
        self._thread: threading.Thread | None = None

    def put(self, job: Job) -> None:
        """Raises INVALID_STATE after `close`."""
        with self._changed:
            if self._is_ended:
                raise RequestError(ErrorCode.INVALID_STATE, 'The ledger is closed. Start again with pxt.init().')
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        pause: float | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._is_ended, pause)
                jobs, self._jobs = self._jobs, []
                if self._is_ended and not jobs:
                    return
            try:
                pause = self._carry_out(jobs)
            except Exception:  # noqa: BLE001  a defect: those who come later are served
                _log.exception('%s failed', self._name)

    def close(self) -> None:
        """Returns when what was handed over is carried out."""
        with self._changed:
            self._is_ended = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()


def settle(outcomes: Iterable[tuple[asyncio.Future[Any], Any]]) -> None:
    """Gives futures, of any event loops, their results or exceptions: each loop is woken once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = defaultdict(list)
    for future, outcome in outcomes:
        by_loop[future.get_loop()].append((future, outcome))
    for loop, some in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_set, some)


def _set(outcomes: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in outcomes:
        if future.done():  # cancelled
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
