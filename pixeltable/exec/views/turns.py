"""Whose turn it is, of the threads of a process, to follow with views of queries.

What such a view becomes depends on every change before, so all commits that follow with one conflict. Threads that wait for each
other lose nothing; threads that lose to each other again and again would give up. Other processes are met by trying again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """One at a time. A child that is forked starts anew: who held the lock is not there."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.RLock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        if self._pid != os.getpid():
            self._pid, self._lock = os.getpid(), threading.RLock()
        with self._lock:
            yield
