"""Delete vectors: which positions of an immutable segment are deleted, in a few bytes.

The first byte names the encoding: `S` = a CRC-32 and the positions, all little-endian 32-bit numbers, for few; `B` = one bit a
row, set if deleted, compressed with zlib, which has a checksum of its own, for many. Releases of format 1 wrote `P`, which is
`S` without the CRC-32. Nothing here knows row ids or files.
"""

from __future__ import annotations

import functools
import zlib

import numpy as np
import numpy.typing as npt

from pixeltable.catalog.records import DeleteVector
from pixeltable.errors import ErrorCode, InternalError, RequestError

_POSITIONS = b'S'
_UNCHECKED_POSITIONS = b'P'
_BITS = b'B'
_BITS_OF_A_POSITION = 32
_CRC_BYTES = 4


def encode(positions: npt.NDArray[np.int64], rows: int) -> bytes:
    """The sorted `positions` of a segment of `rows` rows as a delete vector."""
    _check(positions, rows)
    if _is_few(len(positions), rows):
        data = positions.astype('<u4').tobytes()
        return _POSITIONS + zlib.crc32(data).to_bytes(_CRC_BYTES, 'little') + data
    keep = np.ones(rows, dtype=np.bool_)
    keep[positions] = False
    return _encode_bits(keep)


@functools.lru_cache(maxsize=32)
def decode(data: bytes, rows: int) -> npt.NDArray[np.bool_]:
    """Which of `rows` rows remain, as a read-only mask."""
    keep = np.ones(rows, dtype=np.bool_)
    try:
        if data[:1] in (_POSITIONS, _UNCHECKED_POSITIONS):
            keep[np.frombuffer(_positions(data), dtype='<u4')] = False
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


def _positions(data: bytes) -> bytes:
    if data[:1] == _UNCHECKED_POSITIONS:
        return data[1:]
    start = 1 + _CRC_BYTES
    if zlib.crc32(data[start:]).to_bytes(_CRC_BYTES, 'little') != data[1:start]:
        raise ValueError('its checksum is wrong')
    return data[start:]


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
