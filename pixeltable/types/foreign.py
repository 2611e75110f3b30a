"""What the column types of Arrow tables and pandas data frames are here.

Their values are `coerce.from_foreign`'s business.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from pixeltable.types import column_type as ct
from pixeltable.types import literals
from pixeltable.types.column_type import ArrayShape, ColumnType, JsonList, JsonObject, Kind

_is = pa.types

_SIMPLE = (
    (_is.is_boolean, ct.BOOL),
    (_is.is_integer, ct.INT),
    (_is.is_floating, ct.FLOAT),
    (_is.is_decimal, ct.FLOAT),
    (_is.is_string, ct.STRING),
    (_is.is_large_string, ct.STRING),
    (_is.is_string_view, ct.STRING),
    (_is.is_timestamp, ct.TIMESTAMP),
    (_is.is_date, ct.DATE),
    (_is.is_binary, ct.BINARY),
    (_is.is_large_binary, ct.BINARY),
    (_is.is_binary_view, ct.BINARY),
    (_is.is_fixed_size_binary, ct.BINARY),
    (_is.is_null, ct.FLOAT),  # no value yet: what pandas would say
)
_LISTS = (_is.is_list, _is.is_large_list, _is.is_list_view, _is.is_large_list_view)


def of_arrow_type(type_: pa.DataType) -> ColumnType | None:
    """The type that holds the values of an Arrow type; None if there is none."""
    if isinstance(type_, pa.BaseExtensionType):
        return _of_extension(type_)
    if _is.is_dictionary(type_) or _is.is_run_end_encoded(type_):
        return of_arrow_type(type_.value_type)
    if _is.is_fixed_size_list(type_):
        return _of_fixed_list(type_)
    if any(check(type_) for check in _LISTS):
        item = of_arrow_type(type_.value_type)
        return None if item is None else _list(item)
    if _is.is_struct(type_):
        return _of_struct(type_)
    if _is.is_map(type_):
        return ct.JSON
    return next((found for check, found in _SIMPLE if check(type_)), None)


def _list(item: ColumnType) -> ColumnType:
    return ColumnType(Kind.JSON, detail=JsonList((), item.with_nullable(True)))


def _of_extension(type_: pa.BaseExtensionType) -> ColumnType | None:
    if isinstance(type_, pa.UuidType):
        return ct.UUID
    if isinstance(type_, pa.JsonType):
        return ct.JSON
    if isinstance(type_, pa.FixedShapeTensorType):
        dtype = dtype_name(type_.value_type)
        shape = tuple(type_.shape[axis] for axis in type_.permutation or range(len(type_.shape)))
        return None if dtype is None else ColumnType(Kind.ARRAY, detail=ArrayShape(shape, dtype))
    if isinstance(type_, pa.Bool8Type):
        return ct.BOOL
    return of_arrow_type(type_.storage_type)


def _of_fixed_list(type_: pa.FixedSizeListType) -> ColumnType | None:
    shape: tuple[int | None, ...] = (type_.list_size,)
    inner = type_.value_type
    while _is.is_fixed_size_list(inner):
        shape, inner = (*shape, inner.list_size), inner.value_type
    dtype = dtype_name(inner)
    if dtype is not None:
        return ColumnType(Kind.ARRAY, detail=ArrayShape(shape, dtype))
    item = of_arrow_type(type_.value_type)
    return None if item is None else _list(item)


def _of_struct(type_: pa.StructType) -> ColumnType | None:
    types = {field.name: of_arrow_type(field.type) for field in type_}
    if len(types) < type_.num_fields or None in types.values():
        return None
    fields = tuple((name, found.with_nullable(True)) for name, found in types.items() if found is not None)
    return ColumnType(Kind.JSON, detail=JsonObject(fields))


def dtype_name(type_: pa.DataType) -> str | None:
    """The NumPy name of an Arrow number or bool type; None for other types."""
    if _is.is_boolean(type_):
        return 'bool'
    if _is.is_integer(type_):
        return str(type_)
    if _is.is_floating(type_):
        return f'float{type_.bit_width}'
    return None


def of_series(series: Any) -> ColumnType | None:
    """The type that holds the values of a pandas series; None if there is none."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return of_series(dtype.categories.to_series())
    if isinstance(dtype, pd.ArrowDtype):
        return of_arrow_type(dtype.pyarrow_dtype)
    if isinstance(dtype, pd.StringDtype):
        return ct.STRING
    if isinstance(dtype, pd.DatetimeTZDtype):
        return ct.TIMESTAMP
    if dtype.kind == 'O':
        return _of_objects(series)
    return {'b': ct.BOOL, 'i': ct.INT, 'u': ct.INT, 'f': ct.FLOAT, 'M': ct.TIMESTAMP}.get(dtype.kind)


def _of_objects(series: Any) -> ColumnType | None:
    present = series[series.notna()].tolist()
    if not present:
        return ct.FLOAT
    found = literals.of_values(present)
    if found is None and all(literals.of_value(value) is not None for value in present):
        return ct.STRING
    return found
