"""Holds leases for what this process does for long, so that a vacuum elsewhere leaves it what it needs (`catalog.leases`).

Whoever reads a table has a `Source`, and whoever writes has files that are not committed: both are seen here by weak references,
and cost nothing while they are short. A daemon thread looks four times a grace period, and writes a lease for each commit that
is read since the last look, and for the time of each file. So a lease is there long before the grace period ends, and it is
renewed before it expires.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
import weakref

from pixeltable._support.forks import in_forked_child
from pixeltable.catalog.catalog import Catalog
from pixeltable.errors import Error
from pixeltable.exec.source import Source
from pixeltable.storage.uncommitted import Uncommitted

LOOKS_PER_GRACE = 4

_log = logging.getLogger('pixeltable')


class Leases:
    """What is in use in one process, and the thread that tells others of it. With a grace period of 0 nobody is told."""

    def __init__(self, catalog: Catalog, uncommitted: Uncommitted, grace_s: float) -> None:
        self._catalog = catalog
        self._uncommitted = uncommitted
        self._grace_s = grace_s
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._owner = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._reading: dict[int, tuple[weakref.ref[Source], int, float]] = {}
        self._is_holding = False
        self._thread: threading.Thread | None = None
        self._end = threading.Event()

    def note(self, source: Source) -> Source:
        """To be called for each `Source` that reads a commit."""
        key = id(source)
        reference = weakref.ref(source, lambda _: self._reading.pop(key, None))
        self._reading[key] = reference, source.contents.commit, time.monotonic()
        if self._thread is None and self._grace_s > 0:
            self._start()
        return source

    def commits(self, seconds: float = 0.0) -> set[int]:
        """The commits that are being read since `seconds` or longer."""
        started_before = time.monotonic() - seconds
        reading = self._reading.copy()  # in one step: a source that ends meanwhile takes itself out
        return {commit for _, commit, started in reading.values() if started <= started_before}

    def writing_since(self) -> int | None:
        """When the oldest name was given to an object that no commit names yet, in microseconds since 1970."""
        return min(self._uncommitted.times(), default=None)

    def renew(self) -> None:
        """Makes the leases of this process be what it needs for long."""
        look = self._grace_s / LOOKS_PER_GRACE
        now = time.time_ns() // 1000
        commits = self.commits(look)
        written = [made for made in self._uncommitted.times() if made <= now - look * 1e6]
        if commits or written or self._is_holding:
            self._catalog.hold(self._owner, commits, written, now + int(self._grace_s * 1e6))
            self._is_holding = bool(commits or written)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._end.is_set():
                self._thread = threading.Thread(
                    target=self._run, args=(self._end,), name='pixeltable-leases', daemon=True
                )
                self._thread.start()

    def _run(self, end: threading.Event) -> None:
        while not end.wait(self._grace_s / LOOKS_PER_GRACE):
            try:
                self.renew()
            except Error as error:  # the next look tries again, before the leases expire
                _log.warning('leases could not be renewed: %s', error)

    def close(self) -> None:
        """Gives the leases back."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()
        if self._is_holding:
            self._catalog.hold(self._owner, (), (), 0)
