"""Where the time of an operation goes: measured once for each batch, so that a function that does nothing is not slowed down.

Each measurement has a kind: `function` is time in a user's function; `pool`, `retry` and `ledger` are waiting, for a turn in a
resource pool, for the next attempt, and for a result that somebody else computes or that lies in the ledger; `queue` is the time
between a call's being ready and its beginning; `own` is our own work, such as decoding rows or writing files. What runs at the
same time counts as often as it runs, so the sum may exceed the time that passed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

Item = TypeVar('Item')
Kind = Literal['function', 'pool', 'retry', 'ledger', 'queue', 'own']


@dataclass(slots=True)
class Timing:
    """The sum of all measurements of one kind and name."""

    seconds: float = 0.0
    rows: int = 0
    calls: int = 0


class Timings:
    """The measurements of one operation. Any thread may add to them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._local = threading.local()
        self._sums: dict[tuple[Kind, str], Timing] = {}
        self._started = time.perf_counter()
        self._seconds: float | None = None

    def add(self, kind: Kind, name: str, seconds: float, rows: int = 0, calls: int = 0) -> None:
        """Adds a measurement. `name` is the function's, or that of a piece of our own work."""
        with self._lock:
            timing = self._sums.get((kind, name))
            if timing is None:
                timing = self._sums[kind, name] = Timing()
            timing.seconds += seconds
            timing.rows += rows
            timing.calls += calls

    def own(self, name: str, rows: int = 0) -> Own:
        """Measures the block as our own work on `rows` rows; what is measured within it in the same thread counts there alone."""
        return Own(self, name, rows)

    def each(self, name: str, items: Iterable[Item]) -> Iterator[Item]:
        """`items`; the time that each of them takes to come is our own work, as in `own`."""
        source = iter(items)
        while True:
            started, within = self.begin()
            try:
                item = next(source, None)
            finally:
                seconds = self.end(started, within)
            if item is None:
                self.add('own', name, seconds)
                return
            self.add('own', name, seconds, getattr(item, 'num_rows', 0), 1)
            yield item

    def elsewhere(self, items: Iterable[Item]) -> Iterator[Item]:
        """`items`, whose time is measured where they are made: waiting for them is nobody's work."""
        source = iter(items)
        while True:
            started, within = self.begin()
            try:
                item = next(source, None)
            finally:
                self.end(started, within)
            if item is None:
                return
            yield item

    def begin(self) -> tuple[float, float]:
        """To be given to `end`, in the same thread."""
        return time.perf_counter(), getattr(self._local, 'within', 0.0)

    def end(self, started: float, within: float) -> float:
        """The time since `begin` without that which was measured meanwhile in this thread."""
        seconds = time.perf_counter() - started
        inside = getattr(self._local, 'within', 0.0) - within
        self._local.within = within + seconds
        return seconds - inside

    def close(self) -> None:
        """To be called at the end of the operation."""
        self._seconds = self.seconds

    @property
    def seconds(self) -> float:
        """How long the operation took, or takes until now."""
        return time.perf_counter() - self._started if self._seconds is None else self._seconds

    def sums(self) -> dict[tuple[Kind, str], Timing]:
        """The sums by kind and name, in the order in which they came up."""
        with self._lock:
            return dict(self._sums)


class Own:
    """A block that `Timings.own` measures; a generator would cost three times as much, which a single row feels."""

    __slots__ = ('_name', '_rows', '_started', '_timings', '_within')

    def __init__(self, timings: Timings, name: str, rows: int) -> None:
        self._timings = timings
        self._name = name
        self._rows = rows

    def __enter__(self) -> None:
        self._started, self._within = self._timings.begin()

    def __exit__(self, *_: object) -> None:
        self._timings.add('own', self._name, self._timings.end(self._started, self._within), self._rows, 1)
