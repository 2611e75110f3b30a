"""The leases that this process holds on parts of jobs: taken, renewed while it is at work on them, and given back.

A daemon thread renews them. It also sees that a job is over that this process is at work on, and ends that work.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Iterator

from pixeltable.catalog.job_store import JobStore
from pixeltable.catalog.jobs import JobRecord
from pixeltable.errors import Error
from pixeltable.exec.cancelling import Cancellation
from pixeltable.exec.jobs.units import Unit

LEASE_S = 20.0
"""So long after a process died, others do what it had begun."""

LOOK_S = 0.25
"""How often it looks whether the jobs that are being worked on are over."""

_log = logging.getLogger('pixeltable')


class Holding:
    """Of one process, which must not be a child that was forked while another one used it."""

    def __init__(self, jobs: JobStore) -> None:
        self._jobs = jobs
        self._owner = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self._under_way: dict[Cancellation, int] = {}
        self._renewed = time.monotonic()

    @contextlib.contextmanager
    def work_on(self, job: JobRecord) -> Iterator[Cancellation]:
        """What stops the work on a job when it is over, or this process ends."""
        cancellation = Cancellation()
        with self._lock:
            self._under_way[cancellation] = job.id
        try:
            yield cancellation
        finally:
            with self._lock:
                del self._under_way[cancellation]

    @contextlib.contextmanager
    def lease(self, job: JobRecord, unit: Unit) -> Iterator[str | None]:
        """The id of a lease, or None if somebody else is at work there or the job is over. Who does the work gives it back."""
        lease = self._jobs.lease(job, unit.low, unit.high, self._owner, LEASE_S)
        with self._lock:
            if lease is not None and self._thread is None and not self._end.is_set():
                self._thread = threading.Thread(target=self._run, name='pixeltable-job-leases', daemon=True)
                self._thread.start()
        try:
            yield lease
        except BaseException:
            if lease is not None:
                self._jobs.give_back(lease)
            raise

    def close(self) -> None:
        """Ends all work, and gives the leases back."""
        with self._lock:
            self._end.set()
            under_way = list(self._under_way)
        for cancellation in under_way:
            cancellation.cancel()
        if self._thread is not None:
            with contextlib.suppress(Error):  # then they expire
                self._jobs.give_back(self._owner)

    def _run(self) -> None:
        while not self._end.wait(LOOK_S) and self._goes_on():
            try:
                self._look()
            except Error as error:  # the next look tries again, before the leases expire
                _log.warning('leases of jobs could not be renewed: %s', error)

    def _goes_on(self) -> bool:
        with self._lock:
            if not self._under_way:
                self._thread = None
            return bool(self._under_way)

    def _look(self) -> None:
        if time.monotonic() - self._renewed > LEASE_S / 4:
            self._jobs.renew(self._owner, LEASE_S)
            self._renewed = time.monotonic()
        is_open = {job.id for job in self._jobs.open()}
        with self._lock:
            ended = [cancellation for cancellation, job_id in self._under_way.items() if job_id not in is_open]
        for cancellation in ended:
            cancellation.cancel()
