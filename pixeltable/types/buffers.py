"""Arrow arrays made from Python and NumPy values by way of their buffers.

`pyarrow.array`, `pyarrow.scalar` and `to_numpy` import pandas wherever it is installed, which costs 40 MB and a fifth of a second
that a process may never need; `from_buffers` does not, and is as fast. Every function takes None for NULL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable.errors import ErrorCode, RequestError

Mask = np.ndarray[Any, np.dtype[np.bool_]]

_LIMIT = 2**31 - 1


def present(values: Sequence[Any]) -> Mask | None:
    """Which values are not None; None if all are there."""
    flags = [value is not None for value in values]
    return None if all(flags) else np.array(flags, dtype=bool)


def bitmap(mask: Mask | None) -> pa.Buffer | None:
    """The validity bitmap of `mask`."""
    return None if mask is None else pa.py_buffer(np.packbits(mask, bitorder='little'))


def filled(values: Sequence[Any], mask: Mask | None, default: Any) -> Sequence[Any]:
    """`values` with `default` for None."""
    return values if mask is None else [default if value is None else value for value in values]


def primitive(type_: pa.DataType, data: np.ndarray[Any, Any], mask: Mask | None = None) -> pa.Array:
    """A column of numbers, dates or timestamps whose bytes are those of `data`."""
    return pa.Array.from_buffers(type_, len(data), [bitmap(mask), pa.py_buffer(np.ascontiguousarray(data))])


def scalars(values: Sequence[Any], type_: pa.DataType, dtype: Any) -> pa.Array:
    """A column of numbers, dates or timestamps, from Python numbers."""
    if None in values:
        mask = present(values)
        return primitive(type_, np.fromiter(filled(values, mask, 0), dtype, len(values)), mask)
    data = pa.py_buffer(np.fromiter(values, dtype, len(values)))
    return pa.Array.from_buffers(type_, len(values), [None, data])


def integers(values: Sequence[int | None]) -> pa.Array:
    """A column of whole numbers."""
    return scalars(values, pa.int64(), np.int64)


def booleans(data: np.ndarray[Any, Any], mask: Mask | None = None) -> pa.Array:
    """A column of bools."""
    bits = pa.py_buffer(np.packbits(data.astype(bool, copy=False), bitorder='little'))
    return pa.Array.from_buffers(pa.bool_(), len(data), [bitmap(mask), bits])


def offsets(lengths: Iterable[int], count: int) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Where each of `count` values of these lengths starts, and where the last one ends."""
    if count == 1:  # a quarter of the time
        result = np.array([0, *lengths], dtype=np.int64)
    else:
        result = np.zeros(count + 1, dtype=np.int64)
        np.fromiter(lengths, np.int64, count).cumsum(out=result[1:])
    if result[-1] > _LIMIT:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'{int(result[-1]):,} bytes in one column of one batch: the limit is 2 GiB; use smaller batches.',
        )
    return result.astype(np.int32)


def strings(values: Sequence[str | None]) -> pa.Array:
    """A column of text.

    Raises:
        UnicodeEncodeError: a value has a lone surrogate.
    """
    mask = present(values) if None in values else None
    texts = filled(values, mask, '')
    joined = ''.join(texts)
    if joined.isascii():
        return _variable(pa.string(), joined.encode('ascii'), map(len, texts), mask, len(texts))
    encoded = [value.encode() for value in texts]
    return _variable(pa.string(), b''.join(encoded), map(len, encoded), mask, len(texts))


def binaries(values: Sequence[bytes | None]) -> pa.Array:
    """A column of bytes."""
    mask = present(values)
    chunks = filled(values, mask, b'')
    return _variable(pa.binary(), b''.join(chunks), map(len, chunks), mask, len(chunks))


def _variable(type_: pa.DataType, data: bytes, lengths: Iterable[int], mask: Mask | None, count: int) -> pa.Array:
    starts = pa.py_buffer(offsets(lengths, count))
    return pa.Array.from_buffers(type_, count, [bitmap(mask), starts, pa.py_buffer(data)])


def numpy_values(array: pa.Array, dtype: str) -> np.ndarray[Any, Any]:
    """The numbers or bools of `array` as NumPy sees them, without a copy where possible; NULLs give any value."""
    buffer = array.buffers()[1]
    if buffer is None:
        return np.zeros(len(array), dtype=dtype)
    if pa.types.is_boolean(array.type):
        packed = np.frombuffer(buffer, dtype=np.uint8)
        bits = np.unpackbits(packed, bitorder='little', count=array.offset + len(array))
        return bits[array.offset :].view(np.bool_)
    item = np.dtype(dtype)
    return np.frombuffer(buffer, dtype=item, count=len(array), offset=array.offset * item.itemsize)


def numbers(column: pa.ChunkedArray, dtype: str = 'int64') -> np.ndarray[Any, Any]:
    """`numpy_values` of a whole column."""
    parts = [numpy_values(chunk, dtype) for chunk in column.chunks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.empty(0, dtype)


def positions(data: np.ndarray[Any, Any]) -> pa.Array:
    """Row numbers, for `take`."""
    return primitive(pa.int64(), data.astype(np.int64, copy=False))


def valid_positions(array: pa.Array) -> Mask | None:
    """Which entries of `array` are not NULL; None if all are there."""
    if array.null_count == 0:
        return None
    buffer = array.buffers()[0]
    if buffer is None:
        return np.zeros(len(array), dtype=bool)
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder='little', count=array.offset + len(array))
    return bits[array.offset :].view(np.bool_)


def no_rows(schema: pa.Schema) -> pa.Table:
    """A table without rows; that of `schema.empty_table()` imports pandas."""
    return pa.Table.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)


def taken(table: pa.Table, places: np.ndarray[Any, Any]) -> pa.Table:
    """The rows at `places`, in that order; without a copy if they lie next to each other."""
    if len(places) and np.all(np.diff(places) == 1):
        return table.slice(int(places[0]), len(places))
    return table.take(positions(places))
