"""Decoded data, kept while it fits: a repeated query pays for decoding once.

Files and segments are immutable and their names are never used again, so that an entry can be forgotten but never be wrong.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

import pyarrow as pa

CACHE_BYTES = 128 << 20

SHARE = 2
"""What takes more than this part of a cache is not worth keeping: it pushes out all else, and itself before it is read again."""

TEXT_BYTES = 32
"""What a text is taken to need, to guess the size of rows."""


class Sized(Protocol):
    """What can be kept: Arrow columns and tables."""

    @property
    def nbytes(self) -> int: ...


Key = TypeVar('Key', bound=Hashable)
Value = TypeVar('Value', bound=Sized)


class ByteCache(Generic[Key, Value]):
    """The most recently used values, up to `limit` bytes of memory. Safe to share between threads."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes held now."""
        return self._size

    def has_room(self, size: int) -> bool:
        """Whether something of `size` bytes is worth keeping."""
        return size <= self.limit // SHARE

    def get(self, key: Key) -> Value | None:
        with self._lock:
            entry = self._kept.get(key)
            if entry is None:
                return None
            self._kept.move_to_end(key)
            return entry[0]

    def put(self, key: Key, value: Value) -> None:
        """Keep `value`, and forget the longest unused ones that no longer fit. One above the limit is not kept."""
        size = value.nbytes
        if size > self.limit:
            return
        with self._lock:
            self._forget(key)
            self._kept[key] = value, size
            self._size += size
            while self._size > self.limit:
                self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        entry = self._kept.pop(key, None)
        if entry is not None:
            self._size -= entry[1]


def row_bytes(schema: pa.Schema) -> int:
    """About how much memory a row takes."""
    return sum(map(_value_bytes, schema.types))


def _value_bytes(type_: pa.DataType) -> int:
    if pa.types.is_fixed_size_list(type_):
        return int(type_.list_size) * _value_bytes(type_.value_type)
    if pa.types.is_dictionary(type_):
        return _value_bytes(type_.index_type)
    try:
        return max(1, int(type_.bit_width) // 8)
    except ValueError:  # of no fixed width
        return TEXT_BYTES
