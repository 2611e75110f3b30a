"""Rows in Arrow types that say to every reader what they are: arrays as tensors, Json as JSON, pictures as bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable.api.exports.rows import ROWS_AT_ONCE, Exported
from pixeltable.errors import ErrorCode, NotFoundError, RequestError, did_you_mean
from pixeltable.types.arrow import decode, storage_type
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind
from pixeltable.types.plain import plain


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a format has what not all formats have: the Arrow types of Json, UUIDs and arrays of a fixed shape."""

    json: pa.DataType
    uuid: pa.DataType
    tensor: Callable[[pa.DataType, tuple[int, ...]], pa.DataType]
    inline_images: bool = True


def nested_list(item: pa.DataType, shape: tuple[Any, ...]) -> pa.DataType:
    """Lists in lists, for each dimension one."""
    for _ in shape:
        item = pa.list_(item)
    return item


def arrow_schema(types: Mapping[str, ColumnType], dialect: Dialect) -> pa.Schema:
    """The types of the columns in `dialect`. Raises UNSUPPORTED_OPERATION for arrays of any shape."""
    return pa.schema([(name, _type(name, type_, dialect)) for name, type_ in types.items()])


def overridden(schema: pa.Schema, overrides: Mapping[str, pa.DataType] | None) -> pa.Schema:
    """The schema with other types for some columns. Raises COLUMN_NOT_FOUND, and INVALID_ARGUMENT for what is no Arrow type."""
    for name, type_ in (overrides or {}).items():
        if name not in schema.names:
            raise NotFoundError(
                ErrorCode.COLUMN_NOT_FOUND,
                f'schema_overrides: there is no column {name!r}.{did_you_mean(str(name), schema.names)}',
            )
        if not isinstance(type_, pa.DataType):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'schema_overrides: {name!r} needs an Arrow type, not {type_!r}.'
            )
        position = schema.names.index(name)
        schema = schema.set(position, schema.field(position).with_type(type_))
    return schema


def _type(name: str, type_: ColumnType, dialect: Dialect) -> pa.DataType:
    if type_.kind is Kind.ARRAY:
        return _array_type(name, type_.array, dialect)
    if type_.kind is Kind.IMAGE and dialect.inline_images:
        return pa.binary()
    return {Kind.JSON: dialect.json, Kind.UUID: dialect.uuid}.get(type_.kind) or storage_type(type_)


def _array_type(name: str, array: ArrayShape, dialect: Dialect) -> pa.DataType:
    if array.shape is None or array.dtype is None:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'column {name!r} has arrays of any shape: say how many dimensions of what they have, as in '
            'astype(pxt.Array[(None,), pxt.Float]), or export them as Json.',
        )
    item = pa.string() if array.dtype == 'str' else pa.from_numpy_dtype(np.dtype(array.dtype))
    if array.is_fixed and array.dtype != 'str' and 0 not in array.shape:
        return dialect.tensor(item, array.shape)  # type: ignore[arg-type]  # none of them is open
    return nested_list(item, array.shape)


def arrow_tables(exported: Exported, schema: pa.Schema, *, rows: int = ROWS_AT_ONCE, size: int) -> Iterator[pa.Table]:
    """The rows in the types of `schema`, in tables of up to so many rows and about `size` bytes.

    Raises:
        RequestError: TYPE_MISMATCH for a value that the type of its column in `schema` cannot hold.
    """
    for table in exported.rows.chunks(rows, size):
        columns = [
            _converted(exported, name, table.column(name), type_, schema.field(name).type)
            for name, type_ in exported.types.items()
        ]
        yield pa.Table.from_arrays(columns, schema=schema)


def _converted(exported: Exported, name: str, column: pa.ChunkedArray, type_: ColumnType, wanted: pa.DataType) -> Any:
    """The column in the type `wanted`."""
    if column.type == wanted:
        return column
    try:
        if isinstance(wanted, pa.FixedShapeTensorType):
            chunks = [
                pa.ExtensionArray.from_storage(wanted, chunk.cast(wanted.storage_type)) for chunk in column.chunks
            ]
            return pa.chunked_array(chunks, wanted)
        if type_.kind is Kind.IMAGE and pa.types.is_binary(wanted):
            return pa.array([exported.content(reference) for reference in column.to_pylist()], wanted)
        if type_.kind is Kind.JSON and not pa.types.is_string(wanted):
            if isinstance(wanted, pa.JsonType):
                return column.cast(pa.string()).cast(wanted)
            return pa.array(plain(column, type_, exported.zone), wanted)
        if type_.kind is Kind.ARRAY:
            arrays = decode(column, type_, exported.zone)
            return pa.array([None if value is None else value.tolist() for value in arrays], wanted)
        if type_.kind is Kind.UUID:
            return pa.array([None if v is None else str(v) for v in decode(column, type_, exported.zone)]).cast(wanted)
        return column.cast(wanted)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise RequestError(
            ErrorCode.TYPE_MISMATCH, f'column {name!r} of type {type_} has values that {wanted} cannot hold: {error}.'
        ) from error
