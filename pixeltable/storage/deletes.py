"""Delete vectors: which positions of an immutable segment are deleted, in a few bytes.

The first byte names the encoding: `P` = the positions as little-endian 32-bit numbers, for few; `B` = one bit a row,
set if deleted, compressed with zlib, for many. Nothing here knows row ids or files.
"""

from __future__ import annotations

import functools
import zlib

import numpy as np
import numpy.typing as npt

from pixeltable.catalog.records import DeleteVector
from pixeltable.errors import ErrorCode, InternalError, RequestError

_POSITIONS = b'P'
_BITS = b'B'
_BITS_OF_A_POSITION = 32


def encode(positions: npt.NDArray[np.int64], rows: int) -> bytes:
    """The sorted `positions` of a segment of `rows` rows as a delete vector."""
    _check(positions, rows)
    if _is_few(len(positions), rows):
        return _POSITIONS + positions.astype('<u4').tobytes()
    keep = np.ones(rows, dtype=np.bool_)
    keep[positions] = False
    return _encode_bits(keep)


@functools.lru_cache(maxsize=32)
def decode(data: bytes, rows: int) -> npt.NDArray[np.bool_]:
    """Which of `rows` rows remain, as a read-only mask."""
    keep = np.ones(rows, dtype=np.bool_)
    try:
        if data[:1] == _POSITIONS:
            keep[np.frombuffer(data, dtype='<u4', offset=1)] = False
        elif data[:1] == _BITS:
            bits = np.frombuffer(zlib.decompress(data[1:]), dtype=np.uint8)
            if len(bits) != (rows + 7) // 8:
                raise ValueError(f'{len(bits)} bytes of bits')
            keep = np.unpackbits(bits, count=rows) == 0
        else:
            raise ValueError(f'unknown encoding {data[:1]!r}')
    except (ValueError, IndexError, zlib.error) as error:
        message = f'delete vector of a segment of {rows} rows is damaged: {error}; restore the catalog from a backup'
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, message) from error
    keep.flags.writeable = False
    return keep


def extend(existing: DeleteVector | None, positions: npt.NDArray[np.int64], rows: int) -> tuple[int, bytes]:
    """`existing` with `positions` (in any order) deleted too: how many are deleted now, and the new vector."""
    _check(positions, rows)
    keep = decode(existing.data, rows).copy() if existing else np.ones(rows, dtype=np.bool_)
    keep[positions] = False
    count = rows - int(np.count_nonzero(keep))
    return count, encode(np.flatnonzero(~keep), rows) if _is_few(count, rows) else _encode_bits(keep)


def _is_few(count: int, rows: int) -> bool:
    return count * _BITS_OF_A_POSITION <= rows


def _encode_bits(keep: npt.NDArray[np.bool_]) -> bytes:
    return _BITS + zlib.compress(np.packbits(~keep).data, 1)


def _check(positions: npt.NDArray[np.int64], rows: int) -> None:
    if len(positions) and (positions.min() < 0 or positions.max() >= rows):
        found = f'positions {positions.min()} … {positions.max()}'
        raise InternalError(ErrorCode.INTERNAL_ERROR, f'{found} do not lie in a segment of {rows} rows')
