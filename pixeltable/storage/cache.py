"""Decoded columns, kept while they fit: a repeated query pays for decoding once.

Files are immutable and their names are never used again, so that an entry can be forgotten but never be wrong.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import pyarrow as pa

CACHE_BYTES = 128 << 20

Key = tuple[str, str]
"""The path of a file and the name of a column in it."""


class ColumnCache:
    """The most recently used columns, up to `limit` bytes of Arrow memory. Safe to share between threads."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._columns: OrderedDict[Key, tuple[pa.ChunkedArray, int]] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes held now."""
        return self._size

    def get(self, key: Key) -> pa.ChunkedArray | None:
        with self._lock:
            entry = self._columns.get(key)
            if entry is None:
                return None
            self._columns.move_to_end(key)
            return entry[0]

    def put(self, key: Key, column: pa.ChunkedArray) -> None:
        """Keep `column`, and forget the longest unused ones that no longer fit. One above the limit is not kept."""
        size = column.nbytes
        if size > self.limit:
            return
        with self._lock:
            self._forget(key)
            self._columns[key] = column, size
            self._size += size
            while self._size > self.limit:
                self._forget(next(iter(self._columns)))

    def _forget(self, key: Key) -> None:
        entry = self._columns.pop(key, None)
        if entry is not None:
            self._size -= entry[1]
