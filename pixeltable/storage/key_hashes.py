"""Primary keys as numbers: a 64-bit hash of each row's key, the same in every process and on every platform.

Values are hashed in a canonical form, in which equal values, and no others, are equal: NaN is one value, -0.0 is 0.0, Json does
not know the order of its names. Filters on disk hold these hashes: a change here is a new format of `key_filters`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.types as is_type
from numpy.typing import NDArray

from pixeltable.types import buffers
from pixeltable.types.column_type import ColumnType, Kind

Hashes = NDArray[np.uint64]

_SEED = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xFF51AFD7ED558CCD)
_SECOND = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)
_WORD = 8


def canonical(column: pa.Array | pa.ChunkedArray, type_: ColumnType) -> pa.Array:
    """A column in its storage type as int64, text or bytes, with the same NULLs."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    array = array.storage if isinstance(array, pa.ExtensionArray) else array
    match type_.kind:
        case Kind.TIMESTAMP | Kind.INT:
            return array.view(pa.int64())
        case Kind.DATE | Kind.BOOL:
            return array.cast(pa.int32()).cast(pa.int64())
        case Kind.FLOAT:
            return _floats(array)
        case Kind.JSON:
            return _mapped(array, lambda text: json.dumps(json.loads(text), sort_keys=True).encode())
        case Kind.ARRAY:
            return _mapped(array, lambda value: json.dumps(value, default=bytes.hex, sort_keys=True).encode())
    return array


def _floats(array: pa.Array) -> pa.Array:
    values = buffers.numpy_values(array, 'float64') + 0.0  # which makes 0.0 of -0.0
    values[np.isnan(values)] = np.nan
    return buffers.primitive(pa.int64(), values.view(np.int64), buffers.valid_positions(array))


def _mapped(array: pa.Array, encode: Any) -> pa.Array:
    """Values that are rare as keys, and compared one by one."""
    return buffers.binaries([None if value is None else encode(value) for value in array.to_pylist()])


def key_hashes(columns: Sequence[pa.Array]) -> Hashes:
    """The hash of each row of `columns`, which are canonical, of equal length, and without NULLs."""
    found = np.full(len(columns[0]), _SEED)
    for column in columns:
        found ^= buffers.numpy_values(column, 'uint64') if is_type.is_int64(column.type) else _of_bytes(column)
        _mix(found)
    return found


def _mix(values: Hashes) -> Hashes:
    """The finalizer of MurmurHash3 (public domain, Austin Appleby), in place: each bit changes half of all others."""
    values ^= values >> _SHIFT
    values *= _FIRST
    values ^= values >> _SHIFT
    values *= _SECOND
    values ^= values >> _SHIFT
    return values


def _of_bytes(array: pa.Array) -> Hashes:
    """Takes all rows one 8-byte word further at a time, the last word of a row filled up with zeros."""
    data, starts, lengths = _bytes(array)
    found = _mix(lengths.astype(np.uint64) ^ _SEED)
    words = np.ndarray((len(data) - _WORD + 1,), '<u8', buffer=data, strides=(1,))  # one at each byte
    rows: Any = slice(None)
    for place in range(0, int(lengths.max(initial=0)), _WORD):
        rest = lengths[rows] - place
        if rest.min() <= 0:
            longer = np.flatnonzero(lengths > place)
            rows, rest = longer, lengths[longer] - place
        word = words[starts[rows] + place]
        if rest.min() < _WORD:
            word &= _KEEP[np.minimum(rest, _WORD)]
        found[rows] = _mix(found[rows] ^ word)
    return found


_KEEP = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], np.uint64)


def _bytes(array: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """The bytes of all values, with a word to spare at the end, and where each value starts and how long it is."""
    if is_type.is_fixed_size_binary(array.type):
        width = array.type.byte_width
        ends = np.arange(array.offset, array.offset + len(array) + 1, dtype=np.int64) * width
    elif is_type.is_string(array.type) or is_type.is_binary(array.type):
        held = np.frombuffer(array.buffers()[1], np.int32) if len(array) else np.zeros(1, np.int32)
        ends = held[array.offset : array.offset + len(array) + 1].astype(np.int64)
    else:
        return _bytes(array.cast(pa.binary()))
    first, last = int(ends[0]), int(ends[-1])
    data = np.zeros(last - first + _WORD, np.uint8)
    if last > first:
        data[: last - first] = np.frombuffer(array.buffers()[-1], np.uint8)[first:last]
    return data, ends[:-1] - first, np.diff(ends)
