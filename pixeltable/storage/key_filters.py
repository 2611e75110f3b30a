"""Filters over the primary keys of a segment: which of its rows may have a key, in 16 bits a key.

A split-block Bloom filter, as in the Parquet format (Apache Parquet, `BloomFilter.md`), for each run of rows: the hash of a key
chooses a block of 32 bytes, and one bit in each of its eight words. A filter never misses a key, and takes one of 800 others for
one that is there. It lies beside its segment as a file `….keys`: `PXTKEYS1`, the number of rows (64 bits) and of rows in a run
(32), the number of key columns and their ids (32 each), the blocks run by run; all numbers are little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixeltable._support.arrays import distinct
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.storage.key_hashes import Hashes
from pixeltable.storage.ranges import Ranges
from pixeltable.storage.row_keys import KeySet

RUN_ROWS = 1 << 17
"""As many as the largest row group has, which is what has to be read to find a key."""

BITS_OF_A_KEY = 16
ONE_BY_ONE = 16
"""Up to so many keys are looked up one by one, which costs a quarter of a microsecond each; NumPy takes 12 for any number."""

_MAGIC = b'PXTKEYS1'
_HEADER = '<8sQII'
_BLOCK_BYTES = 32
_BLOCK_BITS = 8 * _BLOCK_BYTES
_SALTS = (0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D, 0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31)
_HIGH = np.uint64(32)


class Wanted:
    """Keys to look for, each once, with what is the same for every file."""

    def __init__(self, keys: KeySet) -> None:
        self.hashes = distinct(keys.hashes)
        self.conditions = keys.conditions()
        few = self.hashes.tolist() if len(self.hashes) <= ONE_BY_ONE else []
        self._few = [(value, value >> 32, _mask(value & 0xFFFFFFFF)) for value in few]
        self._bits = _bits(self.hashes) if not few else np.empty((0, len(_SALTS)), np.int64)

    def __len__(self) -> int:
        return len(self.hashes)

    def among(self, filter_: KeyFilter) -> tuple[Hashes, Ranges]:
        """Those that may be among the keys that a filter was made of, and the rows that may have them."""
        ranges = []
        there = np.zeros(len(self.hashes), np.bool_)
        for start, end, first, count in filter_.runs():
            found = self._in_run(filter_.blocks, first, count)
            if any(found):
                there |= found
                ranges.append((start, end))
        return self.hashes[there], ranges

    def _in_run(self, blocks: bytes, first: int, count: int) -> list[bool] | NDArray[np.bool_]:
        if self._few:
            return [_block(blocks, first + (high * count >> 32)) & mask == mask for _, high, mask in self._few]
        at = _first_bit(self.hashes, count)[:, None] + self._bits + first * _BLOCK_BITS
        held: NDArray[np.uint8] = np.frombuffer(blocks, np.uint8)[at >> 3] >> (at & 7).astype(np.uint8)
        found: NDArray[np.bool_] = np.all(held & 1, axis=1)
        return found

    def within(self, known: frozenset[int]) -> Hashes:
        """Those that are in a set."""
        if self._few:
            there = [value in known for value, _, _ in self._few]
            return self.hashes[there] if any(there) else self.hashes[:0]
        return self.common(np.fromiter(known, np.uint64, len(known)))

    def common(self, hashes: Hashes) -> Hashes:
        """Those that are in `hashes`, in any order."""
        if not len(self.hashes):
            return self.hashes
        places = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.unique(hashes[self.hashes[places] == hashes])


def _block(blocks: bytes, number: int) -> int:
    return int.from_bytes(blocks[number * _BLOCK_BYTES : (number + 1) * _BLOCK_BYTES], 'little')


def _mask(low: int) -> int:
    return sum(1 << (32 * word + ((low * salt & 0xFFFFFFFF) >> 27)) for word, salt in enumerate(_SALTS))


def _bits(hashes: Hashes) -> NDArray[np.int64]:
    """For each hash the numbers of its eight bits in a block."""
    low = hashes.astype(np.uint32)  # which keeps the low half
    bits = (low[:, None] * np.array(_SALTS, np.uint32)) >> np.uint32(27)
    return bits.astype(np.int64) + 32 * np.arange(len(_SALTS))


def _first_bit(hashes: Hashes, blocks: int) -> NDArray[np.int64]:
    return ((hashes >> _HIGH) * np.uint64(blocks) >> _HIGH).astype(np.int64) * _BLOCK_BITS


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """The filter of a segment of `rows` rows over the columns `key`, in the order of the primary key."""

    key: tuple[int, ...]
    rows: int
    run_rows: int
    blocks: bytes

    @staticmethod
    def of(key: Sequence[int], hashes: Hashes) -> KeyFilter:
        """The filter of a segment whose keys, row by row, have these hashes."""
        runs = (hashes[start : start + RUN_ROWS] for start in range(0, len(hashes), RUN_ROWS))
        return KeyFilter(tuple(key), len(hashes), RUN_ROWS, b''.join(map(_run, runs)))

    @property
    def nbytes(self) -> int:
        return len(self.blocks)

    def runs(self) -> Iterator[tuple[int, int, int, int]]:
        """Of each run its first row and its end, its first block and how many it has."""
        first = 0
        for start in range(0, self.rows, self.run_rows):
            end = min(self.rows, start + self.run_rows)
            count = _blocks(end - start)
            yield start, end, first, count
            first += count

    def encode(self) -> bytes:
        ids = struct.pack(f'<{len(self.key)}I', *self.key)
        return struct.pack(_HEADER, _MAGIC, self.rows, self.run_rows, len(self.key)) + ids + self.blocks

    @staticmethod
    def decode(data: memoryview | bytes) -> KeyFilter:
        """Raises INVALID_DATA_FORMAT for what `encode` did not make."""
        start = struct.calcsize(_HEADER)
        if len(data) < start or bytes(data[:8]) != _MAGIC:
            raise _unknown(data)
        _, rows, run_rows, columns = struct.unpack_from(_HEADER, data)
        if run_rows < 1 or len(data) < start + 4 * columns:
            raise _unknown(data)
        key = struct.unpack_from(f'<{columns}I', data, start)
        found = KeyFilter(key, rows, run_rows, bytes(data[start + 4 * columns :]))
        if len(found.blocks) != _BLOCK_BYTES * sum(count for _, _, _, count in found.runs()):
            raise _unknown(data)
        return found


def _blocks(rows: int) -> int:
    return -(-rows * BITS_OF_A_KEY // _BLOCK_BITS)


def _run(hashes: Hashes) -> bytes:
    count = _blocks(len(hashes))
    held = np.zeros(count * _BLOCK_BITS, np.bool_)
    first, bits = _first_bit(hashes, count), _bits(hashes)
    for word in range(len(_SALTS)):  # all at once takes twice as long
        held[first + bits[:, word]] = True
    return np.packbits(held, bitorder='little').tobytes()


def _unknown(data: memoryview | bytes) -> RequestError:
    return RequestError(
        ErrorCode.INVALID_DATA_FORMAT,
        f'a key filter of {len(data)} bytes that begins with {bytes(data[:8])!r} is damaged, or a newer release wrote it.',
    )
