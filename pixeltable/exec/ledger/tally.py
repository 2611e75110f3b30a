"""Counts the calls that the ledger saved and those that had to be made, by function."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from pixeltable._support.forks import in_forked_child
from pixeltable.catalog.work.ledger import OF_FUNCTION, Counts, Described, unknown

ByFunction = dict[bytes, Counts]


class Tally:
    """What was counted since the session began, and what of it the work database does not know yet; by fingerprint."""

    def __init__(self) -> None:
        self.session: ByFunction = defaultdict(Counts)
        self.described: dict[bytes, Described] = {}
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._unsaved: ByFunction = defaultdict(Counts)  # a child's alone: its parent saves what it has counted

    def hit(self, keys: Iterable[bytes]) -> None:
        """Notes calls that need not be made, one for each key; a key may come more than once."""
        for function, number in Counter(key[:OF_FUNCTION] for key in keys).items():
            self._count(function, Counts(hits=number))

    def miss(self, keys: Iterable[bytes]) -> None:
        """Notes calls that are to be made."""
        for function, number in Counter(key[:OF_FUNCTION] for key in keys).items():
            self._count(function, Counts(misses=number))

    def _count(self, function: bytes, counts: Counts) -> None:
        with self._lock:
            self.session[function].add(counts)
            self._unsaved[function].add(counts)

    def take(self) -> ByFunction:
        """What the work database is to be told now. `give_back` it if that fails."""
        with self._lock:
            taken, self._unsaved = self._unsaved, defaultdict(Counts)
        return taken

    def name_of(self, fingerprint: bytes) -> str:
        """The full name of a function."""
        return (self.described.get(fingerprint) or unknown(fingerprint)).name

    def unsaved(self) -> ByFunction:
        """What the work database does not know yet."""
        with self._lock:
            return dict(self._unsaved)

    def give_back(self, taken: Mapping[bytes, Counts]) -> None:
        with self._lock:
            for function, counts in taken.items():
                self._unsaved[function].add(counts)
