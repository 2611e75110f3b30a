"""Searches prepared from embedding columns, kept in memory for the next query; the least recently used go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from pixeltable.index.exact import ExactSearch

LIMIT_BYTES = 1 << 30


class Searches:
    """A cache of `ExactSearch`, by what they were made from. Safe to use from several threads."""

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, ExactSearch] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], ExactSearch]) -> ExactSearch:
        """The search for `key`, made now if it is not there."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > 1 and sum(search.nbytes for search in self._kept.values()) > self._limit:
                self._kept.popitem(last=False)
        return made
