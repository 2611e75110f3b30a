"""Types and values as DuckDB's SQL spells them."""

from __future__ import annotations

import datetime
import math
import uuid
from typing import Any

from pixeltable.types.column_type import ArrayShape, ColumnType, Kind

OPEN_ARRAY = 'STRUCT(dtype VARCHAR, shape INTEGER[], data BLOB)'
"""An array whose shape or type of elements is not declared: its bytes, and how to read them."""

_TYPES = {
    Kind.INT: 'BIGINT',
    Kind.FLOAT: 'DOUBLE',
    Kind.BOOL: 'BOOLEAN',
    Kind.TIMESTAMP: 'TIMESTAMPTZ',
    Kind.DATE: 'DATE',
    Kind.UUID: 'UUID',
    Kind.BINARY: 'BLOB',
    Kind.JSON: 'JSON',
}
_ELEMENTS = {
    'bool': 'BOOLEAN',
    'int8': 'TINYINT',
    'int16': 'SMALLINT',
    'int32': 'INTEGER',
    'int64': 'BIGINT',
    'uint8': 'UTINYINT',
    'uint16': 'USMALLINT',
    'uint32': 'UINTEGER',
    'uint64': 'UBIGINT',
    'float16': 'FLOAT',
    'float32': 'FLOAT',
    'float64': 'DOUBLE',
}


def type_of(type_: ColumnType) -> str:
    """The DuckDB type of a column; text and media references are VARCHAR."""
    if type_.kind is not Kind.ARRAY:
        return _TYPES.get(type_.kind, 'VARCHAR')
    shape = _flat_shape(type_.array)
    if shape is None:
        return OPEN_ARRAY
    return _ELEMENTS[str(type_.array.dtype)] + ''.join(f'[{size}]' for size in reversed(shape))


def column(expression: str, type_: ColumnType) -> str:
    """A stored column, in the type and shape that it has for users: in files, an array is a list without inner lists."""
    shape = _flat_shape(type_.array) if type_.kind is Kind.ARRAY else None
    if shape is not None and len(shape) != 1 and expression != 'NULL':
        nested = _nested(expression, shape)
        expression = f'CASE WHEN {expression} IS NOT NULL THEN {nested} END'
    return f'CAST({expression} AS {type_of(type_)})'


def _flat_shape(array: ArrayShape) -> tuple[int, ...] | None:
    """The shape of an array that lies in files as a list; None if it lies there as its bytes."""
    if not array.is_fixed or array.dtype not in _ELEMENTS:
        return None
    shape = tuple(size for size in array.shape or () if size is not None)
    return shape if math.prod(shape) > 0 else None


def _nested(expression: str, shape: tuple[int, ...], depth: int = 0) -> str:
    if not shape:
        return f'{expression}[1]'
    if len(shape) == 1:
        return expression
    size, index = math.prod(shape[1:]), f'i{depth}'
    part = f'({expression}[{index} * {size} + 1 : ({index} + 1) * {size}])'
    return f'list_transform(range({shape[0]}), lambda {index}: {_nested(part, shape[1:], depth + 1)})'


def text(value: str) -> str:
    """A text literal. No stored text has a zero character, which SQL cannot hold."""
    return "'" + value.replace("'", "''") + "'"


def literal(value: Any) -> str:
    """A value of an Arrow column as Python sees it."""
    match value:
        case None:
            return 'NULL'
        case bool():
            return 'true' if value else 'false'
        case int():
            return str(value) if abs(value) < 2**63 else f"'{value}'::HUGEINT"
        case float() if math.isfinite(value):
            return repr(value) if 'e' in repr(value) else f'{value!r}e0'  # without an exponent it would be a decimal
        case float():
            return f"'{value!r}'::DOUBLE"
        case str():
            return text(value)
        case bytes():
            return "'" + ''.join(f'\\x{byte:02X}' for byte in value) + "'::BLOB"
        case datetime.datetime():
            moment = value.astimezone(datetime.UTC).replace(tzinfo=None)
            return f"'{moment.isoformat(' ')}+00'::TIMESTAMPTZ"
        case datetime.date():
            return f"DATE '{value.isoformat()}'"
        case uuid.UUID():
            return f"'{value}'::UUID"
        case list():
            return '[' + ', '.join(map(literal, value)) + ']'
        case dict():
            return '{' + ', '.join(f'{text(name)}: {literal(each)}' for name, each in value.items()) + '}'
    return literal(float(value))  # a half-precision number
