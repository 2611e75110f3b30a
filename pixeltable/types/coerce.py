"""Accepting what users give into columns: the canonical Python value, or an error that names column, row and fix.

`scalars`, `json_values` and `array_values` hold the rules for single values; this module adds bulk paths that skip them
where the types of the values already say that nothing is to be done.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa

from pixeltable._support.words import shown
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types import arrow, casts
from pixeltable.types.array_values import to_array
from pixeltable.types.column_type import MEDIA_KINDS, ArrayShape, ColumnType, Kind
from pixeltable.types.json_glance import dumper_of_unchanged
from pixeltable.types.json_values import to_json
from pixeltable.types.refusal import RefusalError
from pixeltable.types.scalars import ACCEPT, plain

_NONE = type(None)
_TEXT_KINDS = frozenset({Kind.STRING, *MEDIA_KINDS})

# Values of exactly these types are canonical but for what `_encode_directly` finds out on the way.
_DIRECT: dict[Kind, frozenset[type]] = {
    Kind.INT: frozenset({int, np.int64, np.int32}),
    Kind.FLOAT: frozenset({float, int, np.float64, np.float32}),
    Kind.BOOL: frozenset({bool, np.bool_}),
    Kind.TIMESTAMP: frozenset({datetime.datetime}),
    Kind.DATE: frozenset({datetime.date}),
    Kind.UUID: frozenset({uuid.UUID}),
    Kind.BINARY: frozenset({bytes}),
    Kind.ARRAY: frozenset({np.ndarray}),
    **dict.fromkeys(_TEXT_KINDS, frozenset({str})),
}


def coerce(
    value: Any,
    type_: ColumnType,
    *,
    column: str,
    row: int | None = None,
    zone: datetime.tzinfo = datetime.UTC,
    code: ErrorCode = ErrorCode.UNSUPPORTED_OPERATION,
    more_keys: bool = False,
) -> Any:
    """The canonical value that `column` stores for `value`; a naive datetime is taken to be in `zone`, and with `more_keys`, Json
    may have keys that its type does not name.

    Raises:
        RequestError: `code`, if the column cannot take the value.
    """
    value = plain(value)
    if value is None:
        if type_.nullable:
            return None
        _refuse_null(type_, column, row, code)
    try:
        if type_.kind is Kind.JSON:
            return to_json(value, type_, more_keys=more_keys)
        if type_.kind is Kind.ARRAY:
            return to_array(value, type_.array)
        return ACCEPT[type_.kind](value, zone)
    except RefusalError as refusal:
        where = f' at ${refusal.where}' if refusal.where else ''
        raise RequestError(
            code,
            f'{_place(column, row)}: cannot store {shown(value)} (of type {_type_name(value)}) '
            f'as {type_}{where}: {refusal.reason}.',
        ) from refusal


def column_to_arrow(
    values: Sequence[Any],
    type_: ColumnType,
    *,
    column: str,
    first_row: int = 0,
    zone: datetime.tzinfo = datetime.UTC,
    code: ErrorCode = ErrorCode.UNSUPPORTED_OPERATION,
    more_keys: bool = False,
) -> pa.Array:
    """All of `values`, coerced, as an array of the storage type. `first_row` is the first one's position in the insert.

    Raises:
        RequestError: `code`, for the first value that the column cannot take.
    """
    kinds = set(map(type, values))
    if _NONE in kinds and not type_.nullable:
        row = first_row + next(index for index, value in enumerate(values) if value is None)
        _refuse_null(type_, column, row, code)
    direct = _encode_directly(values, kinds - {_NONE}, type_, zone)
    if direct is not None:
        return direct
    canonical = [
        coerce(value, type_, column=column, row=first_row + index, zone=zone, code=code, more_keys=more_keys)
        for index, value in enumerate(values)
    ]
    return arrow.encode(canonical, type_)


def _encode_directly(
    values: Sequence[Any], kinds: set[type], type_: ColumnType, zone: datetime.tzinfo
) -> pa.Array | None:
    """The encoded values, or None if some value needs a closer look: too large, lone surrogates, NUL characters."""
    try:
        if type_.kind is Kind.JSON:
            return _encode_json(values, type_)
        if not kinds <= _DIRECT[type_.kind]:
            return None
        if type_.kind is Kind.TIMESTAMP:
            return _encode_timestamps(values, type_, zone)
        if type_.kind is Kind.ARRAY:
            return arrow.encode(values, type_) if _are_canonical(values, type_.array) else None
        array = arrow.encode(values, type_)
    except (OverflowError, UnicodeEncodeError):
        return None
    if type_.kind in _TEXT_KINDS:
        data = array.buffers()[2]
        if data.size and np.count_nonzero(np.frombuffer(data, np.uint8)) < data.size:
            return None
    return array


def _encode_json(values: Sequence[Any], type_: ColumnType) -> pa.Array | None:
    texts: list[str | None] = []
    dumped = dumper_of_unchanged(type_)
    for value in values:
        text = None if value is None else dumped(value)
        if text is None and value is not None:
            return None
        texts.append(text)
    return arrow.encode_text(texts)


def _encode_timestamps(values: Sequence[Any], type_: ColumnType, zone: datetime.tzinfo) -> pa.Array | None:
    if any(value is not None and not 1 < value.year < 9999 for value in values):
        return None
    aware = [
        value if value is None or value.utcoffset() is not None else value.replace(tzinfo=zone) for value in values
    ]
    return arrow.encode(aware, type_)


def _are_canonical(values: Sequence[Any], declared: ArrayShape) -> bool:
    if not declared.is_fixed:
        return False
    dtype = np.dtype(declared.dtype)
    return all(value is None or (value.dtype == dtype and value.shape == declared.shape) for value in values)


def from_foreign(
    array: pa.ChunkedArray,
    type_: ColumnType,
    *,
    column: str,
    zone: datetime.tzinfo = datetime.UTC,
    first_row: int = 0,
    code: ErrorCode = ErrorCode.UNSUPPORTED_OPERATION,
) -> pa.ChunkedArray:
    """A column of a user's Arrow table or pandas frame as the storage type of `type_`.

    Where Arrow can convert without loss it does; otherwise the values go through `column_to_arrow`, with its errors.

    Raises:
        RequestError: `code`, for the first value that the column cannot take.
    """
    if array.null_count and not type_.nullable:
        row = next(index for index, valid in enumerate(array.is_valid().to_pylist()) if not valid)
        _refuse_null(type_, column, first_row + row, code)
    array = casts.unwrap(array)
    storage = arrow.storage_type(type_)
    if pa.types.is_null(array.type):
        return pa.chunked_array([pa.nulls(len(array), storage)])
    converted: list[pa.Array] = []
    for chunk in array.chunks:
        fast = casts.cast(chunk, type_, zone)
        if fast is None:
            values = _values(chunk, column, code)
            fast = column_to_arrow(values, type_, column=column, first_row=first_row, zone=zone, code=code)
        converted.append(fast)
        first_row += len(chunk)
    return pa.chunked_array(converted, storage)


def _values(chunk: pa.Array, column: str, code: ErrorCode) -> list[Any]:
    try:
        return casts.python_values(chunk)
    except (ValueError, OverflowError) as error:  # Arrow's own errors are ValueErrors
        raise RequestError(
            code, f'column {column!r}: its {chunk.type} values cannot be read as Python values: {error}.'
        ) from error


def _refuse_null(type_: ColumnType, column: str, row: int | None, code: ErrorCode) -> NoReturn:
    raise RequestError(
        code,
        f'{_place(column, row)}: None is not allowed, as the column is {type_}; '
        f'give a value, or declare the column as {type_} | None.',
    )


def _place(column: str, row: int | None) -> str:
    return f'column {column!r}' if row is None else f'column {column!r}, row {row}'


def _type_name(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f'ndarray {value.shape} of {value.dtype}'
    return type(value).__name__
