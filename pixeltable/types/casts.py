"""Converting the Arrow columns of users to storage types without making Python values, where nothing can go wrong.

Every function gives None where it is not sure; `coerce.from_foreign` then looks at the values one by one, and words the
errors.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pixeltable.types import buffers
from pixeltable.types.arrow import storage_type
from pixeltable.types.column_type import MEDIA_KINDS, ColumnType, Kind
from pixeltable.types.foreign import dtype_name

_is = pa.types
_KEPT = (pa.UuidType, pa.FixedShapeTensorType)
_YEARS = tuple(int(np.datetime64(text, 'us').astype(np.int64)) for text in ('0001-01-02', '9999-12-31'))


def unwrap(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without dictionary and run-end encoding and extension types, except those that `cast` knows."""
    if _is.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if _is.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    if isinstance(array.type, pa.Bool8Type):
        array = array.cast(pa.bool_())
    elif isinstance(array.type, pa.BaseExtensionType) and not isinstance(array.type, _KEPT):
        array = array.cast(array.type.storage_type)
    return array


def python_values(chunk: pa.Array) -> list[Any]:
    """The values of `chunk` as Python sees them: maps are dicts, tensors NumPy arrays, nanoseconds are cut off."""
    if isinstance(chunk.type, pa.FixedShapeTensorType):
        type_ = chunk.type
        order = type_.permutation or range(len(type_.shape))
        rows = chunk.storage.to_pylist()
        dtype = dtype_name(type_.value_type)
        return [None if row is None else np.array(row, dtype).reshape(type_.shape).transpose(*order) for row in rows]
    if _is.is_timestamp(chunk.type) and chunk.type.unit == 'ns':
        chunk = chunk.cast(pa.timestamp('us', chunk.type.tz), safe=False)
    values: list[Any] = chunk.to_pylist(maps_as_pydicts='strict')
    return values


def cast(chunk: pa.Array, type_: ColumnType, zone: datetime.tzinfo) -> pa.Array | None:
    """`chunk` as the storage type of `type_`, or None if its values must be looked at one by one."""
    if chunk.type == storage_type(type_) and type_.kind in (Kind.BOOL, Kind.UUID):
        return chunk
    caster = _CASTERS.get(type_.kind)
    try:
        return None if caster is None else caster(chunk, type_, zone)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _int(chunk: pa.Array, type_: ColumnType, zone: datetime.tzinfo) -> pa.Array | None:
    return chunk.cast(pa.int64()) if _is.is_integer(chunk.type) else None


def _float(chunk: pa.Array, type_: ColumnType, zone: datetime.tzinfo) -> pa.Array | None:
    source = chunk.type
    if not (_is.is_integer(source) or _is.is_floating(source) or _is.is_decimal(source)):
        return None
    # Beyond 2**53 an int is rounded, as by Python, where Arrow's checked cast refuses.
    return chunk.cast(pa.float64(), safe=False)


def _text(chunk: pa.Array, type_: ColumnType, zone: datetime.tzinfo) -> pa.Array | None:
    if not any(check(chunk.type) for check in (_is.is_string, _is.is_large_string, _is.is_string_view)):
        return None
    return pc.replace_substring(chunk.cast(pa.string()), '\0', ' ')


def _binary(chunk: pa.Array, type_: ColumnType, zone: datetime.tzinfo) -> pa.Array | None:
    sources = (_is.is_binary, _is.is_large_binary, _is.is_fixed_size_binary, _is.is_binary_view)
    return chunk.cast(pa.binary()) if any(check(chunk.type) for check in sources) else None


def _date(chunk: pa.Array, type_: ColumnType, zone: datetime.tzinfo) -> pa.Array | None:
    return chunk.cast(pa.date32()) if _is.is_date(chunk.type) else None


def _timestamp(chunk: pa.Array, type_: ColumnType, zone: datetime.tzinfo) -> pa.Array | None:
    if not _is.is_timestamp(chunk.type):
        return None
    # Nanoseconds are cut off, as datetime does; a coarser unit must not overflow.
    micros = chunk.cast(pa.timestamp('us', chunk.type.tz), safe=chunk.type.unit != 'ns')
    if chunk.type.tz is None:
        name = 'UTC' if zone is datetime.UTC else getattr(zone, 'key', None)
        if name is None:
            return None
        # A time that a clock change skips raises here; Python's rule for it is followed value by value.
        micros = pc.assume_timezone(micros, name, ambiguous='earliest')
    ticks = buffers.numpy_values(micros, 'int64')
    mask = buffers.valid_positions(micros)
    ticks = ticks if mask is None else ticks[mask]
    if len(ticks) and (ticks.min() < _YEARS[0] or ticks.max() > _YEARS[1]):
        return None
    return micros.cast(pa.timestamp('us', 'UTC'))


def _array(chunk: pa.Array, type_: ColumnType, zone: datetime.tzinfo) -> pa.Array | None:
    """Lists and tensors without NULLs that all have the declared shape; numbers narrow as those of Python lists do."""
    storage = storage_type(type_)
    if not _is.is_fixed_size_list(storage):
        return None
    shape: list[int] = []
    items = chunk
    if isinstance(chunk.type, pa.FixedShapeTensorType):
        if chunk.type.permutation not in (None, sorted(chunk.type.permutation or ())) or chunk.null_count:
            return None
        shape, items = list(chunk.type.shape), chunk.storage.flatten()
    while (length := _common_length(items)) is not None:
        shape.append(length)
        items = items.flatten()
    if tuple(shape) != type_.array.shape or items.null_count:
        return None
    numbers = _numbers(items, storage.value_type)
    if numbers is None:
        return None
    return pa.Array.from_buffers(storage, len(chunk), [None], children=[numbers])


def _common_length(lists: pa.Array) -> int | None:
    """The length of all of `lists`; None if they are not lists, or differ, or are NULL."""
    if lists.null_count or not len(lists):
        return None
    if _is.is_fixed_size_list(lists.type):
        return int(lists.type.list_size)
    if not (_is.is_list(lists.type) or _is.is_large_list(lists.type)):
        return None
    lengths = np.diff(buffers.numpy_values(lists.offsets, lists.offsets.type.to_pandas_dtype()))
    return int(lengths[0]) if (lengths == lengths[0]).all() else None


def _numbers(items: pa.Array, target: pa.DataType) -> pa.Array | None:
    source = items.type
    if source == target:
        return items
    if _is.is_integer(source) and _is.is_integer(target):
        return items.cast(target)
    if not _is.is_floating(target) or not (_is.is_integer(source) or _is.is_floating(source)):
        return None
    result = items.cast(target, safe=False)
    # An infinity may be a number that was too large.
    infinite = np.isinf(buffers.numpy_values(result, target.to_pandas_dtype())).any()
    return None if infinite else result


_CASTERS: dict[Kind, Callable[[pa.Array, ColumnType, datetime.tzinfo], Any]] = {
    Kind.INT: _int,
    Kind.FLOAT: _float,
    Kind.BINARY: _binary,
    Kind.TIMESTAMP: _timestamp,
    Kind.DATE: _date,
    Kind.ARRAY: _array,
    Kind.STRING: _text,
    **dict.fromkeys(MEDIA_KINDS, _text),
}
