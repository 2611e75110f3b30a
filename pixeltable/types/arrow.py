"""How column types lie in Arrow and Parquet, and the way there and back for canonical values.

Values are not checked here: `coerce` makes them canonical first. Nothing here changes what other engines see as the
type: text is text, a fixed-shape array is a fixed-size list.
"""

from __future__ import annotations

import datetime
import math
import uuid
import zoneinfo
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable.types import buffers
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind
from pixeltable.types.json_values import dump, load

_OPEN_ARRAY = pa.struct([('dtype', pa.string()), ('shape', pa.list_(pa.int32())), ('data', pa.binary())])
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
_MICROSECOND = datetime.timedelta(microseconds=1)

_SIMPLE = {
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.BOOL: pa.bool_(),
    Kind.TIMESTAMP: pa.timestamp('us', 'UTC'),
    Kind.DATE: pa.date32(),
    Kind.UUID: pa.uuid(),
    Kind.BINARY: pa.binary(),
}


def storage_type(type_: ColumnType) -> pa.DataType:
    """The Arrow type that holds the values of `type_`; text and Json text and media references are strings."""
    if type_.kind is Kind.ARRAY:
        return _OPEN_ARRAY if not _is_flat(type_.array) else pa.list_(_element(type_.array), _size(type_.array))
    return _SIMPLE.get(type_.kind, pa.string())


def _is_flat(array: ArrayShape) -> bool:
    """Whether arrays lie in a fixed-size list; Parquet has none of size 0."""
    return array.is_fixed and _size(array) > 0


def _size(array: ArrayShape) -> int:
    return math.prod(dimension or 0 for dimension in array.shape or ())


def _element(array: ArrayShape) -> pa.DataType:
    return pa.bool_() if array.dtype == 'bool' else pa.from_numpy_dtype(np.dtype(array.dtype))


def encode(values: Sequence[Any], type_: ColumnType) -> pa.Array:
    """Canonical values (None for NULL) as an array of `storage_type(type_)`. They are not checked.

    Raises:
        RequestError: UNSUPPORTED_OPERATION if text, bytes or arrays exceed 2 GiB, which a column of one batch cannot.
    """
    match type_.kind:
        case Kind.INT | Kind.FLOAT:
            return buffers.scalars(values, _SIMPLE[type_.kind], np.int64 if type_.kind is Kind.INT else np.float64)
        case Kind.BOOL:
            mask = buffers.present(values)
            return buffers.booleans(np.fromiter(buffers.filled(values, mask, False), bool, len(values)), mask)
        case Kind.TIMESTAMP:
            ticks = [None if value is None else (value - _EPOCH) // _MICROSECOND for value in values]
            return buffers.scalars(ticks, _SIMPLE[Kind.TIMESTAMP], np.int64)
        case Kind.DATE:
            days = [None if value is None else value.toordinal() - _EPOCH_DAY for value in values]
            return buffers.scalars(days, pa.date32(), np.int32)
        case Kind.UUID:
            return _uuids(values)
        case Kind.BINARY:
            return buffers.binaries(values)
        case Kind.JSON:
            return encode_text([None if value is None else dump(value) for value in values])
        case Kind.ARRAY:
            return _flat_arrays(values, type_.array) if _is_flat(type_.array) else _open_arrays(values)
    return encode_text(values)


def encode_text(texts: Sequence[str | None]) -> pa.Array:
    """Text, or the texts of Json values, as an array of the storage type.

    Raises:
        UnicodeEncodeError: a text has a lone surrogate.
    """
    return buffers.strings(texts)


def _uuids(values: Sequence[uuid.UUID | None]) -> pa.Array:
    mask = buffers.present(values)
    data = b''.join([bytes(16) if value is None else value.bytes for value in values])
    parts = [buffers.bitmap(mask), pa.py_buffer(data)]
    return pa.ExtensionArray.from_storage(pa.uuid(), pa.Array.from_buffers(pa.binary(16), len(values), parts))


def _flat_arrays(values: Sequence[Any], array: ArrayShape) -> pa.Array:
    mask = buffers.present(values)
    size = _size(array)
    rows = buffers.filled(values, mask, np.zeros(array.shape or (), dtype=array.dtype))
    matrix = np.empty((len(rows), size), dtype=array.dtype)
    for position, row in enumerate(rows):
        matrix[position] = row.reshape(size)
    data = matrix.reshape(-1)
    items = buffers.booleans(data) if array.dtype == 'bool' else buffers.primitive(_element(array), data)
    type_ = pa.list_(_element(array), size)
    return pa.Array.from_buffers(type_, len(rows), [buffers.bitmap(mask)], children=[items])


def _open_arrays(values: Sequence[Any]) -> pa.Array:
    mask = buffers.present(values)
    dtypes = [None if value is None else _dtype_text(value) for value in values]
    shapes = [() if value is None else value.shape for value in values]
    data = [None if value is None else value.tobytes() for value in values]
    dimensions = np.array([dimension for shape in shapes for dimension in shape], dtype=np.int32)
    starts = pa.py_buffer(buffers.offsets(map(len, shapes), len(values)))
    lists = pa.Array.from_buffers(
        pa.list_(pa.int32()),
        len(values),
        [buffers.bitmap(mask), starts],
        children=[buffers.primitive(pa.int32(), dimensions)],
    )
    children = [buffers.strings(dtypes), lists, buffers.binaries(data)]
    return pa.Array.from_buffers(_OPEN_ARRAY, len(values), [buffers.bitmap(mask)], children=children)


def _dtype_text(value: np.ndarray[Any, Any]) -> str:
    """`'float32'`, or for text its width too: `'<U5'`."""
    return str(value.dtype.str if value.dtype.kind == 'U' else value.dtype.name)


def decode(array: pa.Array | pa.ChunkedArray, type_: ColumnType, zone: datetime.tzinfo) -> list[Any]:
    """The Python values of `array`, None for NULL; timestamps in `zone`.

    NumPy arrays of a fixed shape are rows of one block of memory, separate from Arrow's and writable.
    """
    if isinstance(array, pa.ChunkedArray):
        return [value for chunk in array.chunks for value in decode(chunk, type_, zone)]
    match type_.kind:
        case Kind.JSON:
            return _read_json(array)
        case Kind.TIMESTAMP:
            return _read_timestamps(array, zone)
        case Kind.DATE:
            return _read_moments(array, 'datetime64[D]', 'int32')
        case Kind.UUID:
            array = array.storage if isinstance(array.type, pa.UuidType) else array
            return [value if value is None or isinstance(value, uuid.UUID) else _uuid(value) for value in _list(array)]
        case Kind.ARRAY if pa.types.is_fixed_size_list(array.type):
            return _read_flat_arrays(array, type_.array)
        case Kind.ARRAY:
            return _read_open_arrays(array)
    return _list(array)


def _list(array: pa.Array) -> list[Any]:
    values: list[Any] = array.to_pylist()
    return values


def _uuid(value: str | bytes) -> uuid.UUID:
    """DuckDB hands UUIDs out as text unless told otherwise; files of others hold the bytes."""
    return uuid.UUID(bytes=value) if isinstance(value, bytes) else uuid.UUID(value)


def _read_json(array: pa.Array) -> list[Any]:
    # One document with an item for each row is parsed much faster than a document for each row.
    parsed: list[Any] = load('[' + ','.join(['null' if text is None else text for text in _list(array)]) + ']')
    return parsed


def in_zone(zone: str) -> pa.DataType | None:
    """The type of moments that are shown in a zone of their own, and not in that of the session; None for no zone."""
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return pa.timestamp('us', 'Etc/UTC' if zone == 'UTC' else zone)


def zone_of(type_: pa.DataType, zone: datetime.tzinfo) -> datetime.tzinfo:
    """The zone in which moments of that type are shown: `zone`, unless they have one of their own."""
    own = type_.tz
    return zone if own in (None, 'UTC') else zoneinfo.ZoneInfo('UTC' if own == 'Etc/UTC' else own)


def _read_timestamps(array: pa.Array, zone: datetime.tzinfo) -> list[Any]:
    zone = zone_of(array.type, zone)
    if array.type.unit != 'us':
        array = array.cast(pa.timestamp('us', array.type.tz))
    naive = _read_moments(array, 'datetime64[us]', 'int64')
    if zone is datetime.UTC:
        return [None if value is None else value.replace(tzinfo=zone) for value in naive]
    return [None if value is None else _local(value, zone) for value in naive]


def _read_moments(array: pa.Array, dtype: str, stored: str) -> list[Any]:
    moments: list[Any] = buffers.numpy_values(array, stored).astype(np.int64, copy=False).view(dtype).tolist()
    mask = buffers.valid_positions(array)
    if mask is None:
        return moments
    return [value if there else None for value, there in zip(moments, mask.tolist(), strict=True)]


def _local(value: datetime.datetime, zone: datetime.tzinfo) -> datetime.datetime:
    try:
        return zone.fromutc(value.replace(tzinfo=zone))
    except OverflowError:  # the first or last hours that there are
        return value.replace(tzinfo=datetime.UTC)


def _read_flat_arrays(array: pa.Array, declared: ArrayShape) -> list[Any]:
    size = array.type.list_size
    items = array.values.slice(array.offset * size, len(array) * size)
    if isinstance(items, pa.ExtensionArray):  # DuckDB's bools
        items = items.storage
    dtype = 'bool' if pa.types.is_boolean(items.type) else items.type.to_pandas_dtype()
    block = buffers.numpy_values(items, np.dtype(dtype).name).astype(declared.dtype)
    rows: list[Any] = list(block.reshape(len(array), *(declared.shape or ())))
    if declared.shape == ():
        rows = [np.array(row) for row in rows]
    mask = buffers.valid_positions(array)
    if mask is None:
        return rows
    return [row if there else None for row, there in zip(rows, mask.tolist(), strict=True)]


def _read_open_arrays(array: pa.Array) -> list[Any]:
    dtypes, shapes, data = (_list(field) for field in array.flatten())
    return [
        None if dtype is None else np.ndarray(shape, dtype, buffer=bytearray(content))
        for dtype, shape, content in zip(dtypes, shapes, data, strict=True)
    ]
