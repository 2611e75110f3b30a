"""Parts of a large object, each checked before it is used: what makes it possible to read a tenth of a file and trust it.

The digests of an object's blocks are kept in the catalog: 8 bytes of SHA-256 for each 128 KiB, made as quickly as one checksum
over all. A block is checked each time it is fetched. Nothing here knows what the bytes mean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable.storage.objects import ObjectStore

BLOCK_BYTES = 128 << 10
"""A column of 131,072 numbers takes 1 MiB: blocks as large would double what has to be fetched for it."""

MAX_GAP = 4
"""So many blocks that nobody needs are fetched along if it saves a request."""

DIGEST_BYTES = 8


class DamagedBlockError(Exception):
    """Raised by `PartialObject` for bytes that are not what was written; the message says which."""


def digests(data: Any) -> bytes:
    """The digests of all blocks of `data`, one after the other."""
    view = memoryview(data).cast('B')
    return b''.join(_digest(view[start : start + BLOCK_BYTES]) for start in range(0, len(view), BLOCK_BYTES))


def _digest(block: memoryview) -> bytes:
    return hashlib.sha256(block).digest()[:DIGEST_BYTES]


class PartialObject:
    """An object of `size` bytes of which only some blocks are in memory. For one reader, and for as long as that reads.

    `buffer` spans the whole object; memory is taken by the blocks that were fetched, and bytes that were not are arbitrary.
    """

    def __init__(self, objects: ObjectStore, key: str, size: int, expected: bytes) -> None:
        self._objects = objects
        self._key = key
        self._size = size
        self._expected = expected
        self._blocks = -(-size // BLOCK_BYTES)
        # Not zeroed, so that the system gives memory only to the pages that are written.
        self._bytes = np.empty(size, np.uint8)
        self._fetched: set[int] = set()

    @property
    def buffer(self) -> pa.Buffer:
        return pa.py_buffer(self._bytes)

    def need(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Fetches and checks the blocks that hold the bytes `start … end` of each range.

        Raises:
            DamagedBlockError: the object is shorter than it was, or a block has changed.
            NotFoundError: STORAGE_NOT_FOUND, the object is gone.
        """
        blocks = {
            block for start, end in ranges for block in range(start // BLOCK_BYTES, -(-end // BLOCK_BYTES))
        } - self._fetched
        for first, end in _runs(sorted(blocks)):
            self._fetch(first, end, blocks)
        self._fetched |= blocks

    def _fetch(self, first: int, end: int, wanted: set[int]) -> None:
        start, stop = first * BLOCK_BYTES, min(end * BLOCK_BYTES, self._size)
        data = self._objects.get_range(self._key, start, stop - start)
        if len(data) != stop - start:
            raise DamagedBlockError(f'{len(data)} bytes instead of {stop - start} at byte {start}')
        for block in range(first, end):
            if block in wanted:
                part = data[(block - first) * BLOCK_BYTES : (block - first + 1) * BLOCK_BYTES]
                if _digest(part) != self._expected[block * DIGEST_BYTES : (block + 1) * DIGEST_BYTES]:
                    raise DamagedBlockError(f'the digest of the {len(part)} bytes at {block * BLOCK_BYTES} has changed')
        self._bytes[start:stop] = np.frombuffer(data, np.uint8)


def _runs(blocks: list[int]) -> list[tuple[int, int]]:
    """Neighbouring blocks, or nearly so, as `(first, end)`."""
    runs: list[tuple[int, int]] = []
    for block in blocks:
        if runs and block - runs[-1][1] <= MAX_GAP:
            runs[-1] = runs[-1][0], block + 1
        else:
            runs.append((block, block + 1))
    return runs
