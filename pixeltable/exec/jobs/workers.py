"""The threads of a process that carry out jobs of its catalog, whoever began them.

They start when this process begins a job or waits for one, and end when no job is open, unless they are to stay. Each takes one
part of a job at a time, under a lease: what a process that dies had begun, others take over when its leases expire.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager

from pixeltable._support.forks import in_forked_child
from pixeltable.catalog.jobs import JobRecord
from pixeltable.errors import Error, ErrorCode, InternalError
from pixeltable.exec.cancelling import Cancellation, Cancelled
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.holding import LOOK_S, Holding
from pixeltable.exec.jobs.units import next_unit, units
from pixeltable.exec.jobs.work import Work

THREADS = 3
"""Parts of jobs that a process computes at once, unless it is told otherwise: one is written while others call functions."""

QUICK_S, SLOW_S = 0.5, 2.0
"""A part should take so long: shorter ones cost too many commits, and longer ones are seen too late."""

FIRST_ROWS, MOST_ROWS = 1000, 100_000
"""Of a part, unless it is one segment, which is computed as a whole."""

ATTEMPTS = 5
"""How often a part is tried that the catalog or a store refuses, with ever longer waits in between."""

During = Callable[[JobRecord, Cancellation], AbstractContextManager[Engine]]

_log = logging.getLogger('pixeltable')


class Workers:
    """Of one session. `during` gives the engine for a part of a job; `wrote` is told of each table that was written, `ended` of
    each job that ended here."""

    def __init__(
        self, engine: Engine, during: During, wrote: Callable[[str], None], ended: Callable[[JobRecord], None]
    ) -> None:
        self._engine = engine
        self._during = during
        self._wrote = wrote
        self._ended = ended
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._holding = Holding(self._engine.catalog.jobs)
        self._threads: set[threading.Thread] = set()
        self._closing: list[threading.Thread] = []
        self._most, self._stays, self._is_closed = THREADS, False, False
        self._own: set[int] = set()
        self._unable: dict[int, Error] = {}
        self._rows: dict[int, int] = {}
        self._failures: dict[int, int] = {}
        self._not_before: dict[int, float] = {}

    def start(self, job_id: int | None = None, *, threads: int | None = None, stay: bool = False) -> None:
        """Starts threads; `job_id` is a job that this process began. With `stay` they do not end with the last job."""
        with self._changed:
            if self._is_closed:
                return
            self._own |= {job_id} if job_id is not None else set()
            self._most, self._stays = threads or self._most, stay or self._stays
            for _ in range(self._most - len(self._threads)):
                thread = threading.Thread(target=self._run, name='pixeltable-jobs', daemon=True)
                self._threads.add(thread)
                thread.start()
            self._changed.notify_all()

    def unable(self, job_id: int) -> Error | None:
        """Why this process cannot carry out a job that others may be able to; None if it can."""
        return self._unable.get(job_id)

    def unfinished(self) -> list[int]:
        """The jobs that this process began and that are not over."""
        own = self._own
        return [job.id for job in self._engine.catalog.jobs.open() if job.id in own] if own else []

    def has_work(self) -> bool:
        """Whether there is a job that this process may do something for."""
        return any(job.id not in self._unable for job in self._engine.catalog.jobs.open())

    def rest(self, seconds: float) -> None:
        """Waits, but not longer than until a job has ended here or begun."""
        with self._changed:
            self._changed.wait(seconds)

    def close(self, seconds: float = 0.5) -> None:
        """Gives the leases back and ends the threads; it waits no longer for those that are in the middle of something."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            threads = list(self._threads)
        self._closing = threads
        self._holding.close()
        self.join(seconds)

    def join(self, seconds: float = 3.0) -> None:
        """Waits for the threads to end, after `close`."""
        deadline = time.monotonic() + seconds
        for thread in self._closing:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while self._goes_on():
            if not self._look() and not self._is_closed:
                self.rest(LOOK_S)

    def _goes_on(self) -> bool:
        """Whether there is a reason for the thread to live. If not, `start` will make another one."""
        with self._changed:
            if self._is_closed or not (self._stays or self._may_have_work()):
                self._threads.discard(threading.current_thread())
                return False
            return True

    def _may_have_work(self) -> bool:
        try:
            return self.has_work()
        except Error as error:
            _log.warning('jobs could not be looked for: %s', error)
            return bool(self._own)

    def _look(self) -> bool:
        """Does one part of a job; whether there was one to do."""
        try:
            for job in self._engine.catalog.jobs.open():
                is_waiting = time.monotonic() < self._not_before.get(job.id, 0.0)
                if job.id not in self._unable and not is_waiting and self._do_some(job):
                    return True
        except Error as error:
            if not self._is_closed:
                _log.warning('jobs could not be looked for: %s', error)
        return False

    def _do_some(self, job: JobRecord) -> bool:
        """Does one part of the job, if there is one that nobody else is at work on."""
        try:
            with self._holding.work_on(job) as cancellation, self._during(job, cancellation) as engine:
                return self._do_part(engine, job)
        except (Cancelled, CancelledError):
            return False  # the job is over, or this process ends
        except Error as error:
            self._failed(job, error, ATTEMPTS if error.is_retryable else 1)
        except Exception as error:  # noqa: BLE001  a defect, or the interpreter is about to end: tried once more
            _log.warning('a part of job %d failed', job.id, exc_info=True)
            text = f'A part of the job failed: {type(error).__name__}: {error}'
            self._failed(job, InternalError(ErrorCode.INTERNAL_ERROR, text), 2)
        return True

    def _do_part(self, engine: Engine, job: JobRecord) -> bool:
        rows = self._rows.setdefault(job.id, FIRST_ROWS)
        source = engine.source(job.table_id)
        unit = next_unit(units(source, job), engine.catalog.jobs.leased(job.table_id), rows)
        if unit is None:
            if next(units(source, job), None) is not None:
                return False  # others are at work on the rest
            self._end(job, 'done')
            return True
        with self._holding.lease(job, unit) as lease:
            if lease is None:
                return False
            started = time.monotonic()
            Work(engine, job, unit, lease).carry_out()
        seconds = time.monotonic() - started
        if seconds < QUICK_S:
            self._rows[job.id] = min(rows * 2, MOST_ROWS)
        elif seconds > SLOW_S:
            self._rows[job.id] = max(rows // 2, 1)
        self._failures.pop(job.id, None)
        self._wrote(job.table_id)
        return True

    def _failed(self, job: JobRecord, error: Error, attempts: int) -> None:
        if self._is_closed:
            return
        if error.error_code is ErrorCode.FUNCTION_NOT_FOUND:
            _log.warning('this process cannot carry out job %d, and leaves it to others: %s', job.id, error)
            self._unable[job.id] = error
            return
        failures = self._failures[job.id] = self._failures.get(job.id, 0) + 1
        if failures < attempts:
            _log.warning('a part of job %d is tried again: %s', job.id, error)
            self._not_before[job.id] = time.monotonic() + LOOK_S * 2**failures
        else:
            self._end(job, 'failed', error)

    def _end(self, job: JobRecord, status: str, error: Error | None = None) -> None:
        jobs = self._engine.catalog.jobs
        if jobs.end(job.id, status, None if error is None else error.to_dict()):
            ended = jobs.get(job.id)
            if ended is not None:
                self._ended(ended)
        with self._changed:
            self._changed.notify_all()
