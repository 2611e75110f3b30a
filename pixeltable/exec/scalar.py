"""Scalar expression nodes as Python functions over the values of one row.

The counterpart of `exprs.sql`: where a node has both forms they agree, which tests/exec/differential proves. What a node
is gets decided once, when the function is made. A function gives None for NULL, takes care of NULL arguments itself, and raises
an ordinary exception for a cell that has no value; the caller makes it an error cell. Calls, aggregates and similarities are not
evaluated here: they need more than a row.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np

from pixeltable.errors import ErrorCode, InternalError
from pixeltable.exec.scalar_casts import cast_function
from pixeltable.exec.scalar_comparisons import instant, json_compare
from pixeltable.exec.scalar_json import path_function
from pixeltable.exec.scalar_operations import operation_function
from pixeltable.exprs.nodes import (
    ArrayItem,
    Cast,
    IsIn,
    JsonPath,
    MakeDict,
    MakeList,
    Node,
    Operation,
    Slice,
    Template,
)
from pixeltable.types.column_type import ColumnType, Kind

RowFunction = Callable[..., Any]


def row_function(node: Node, zone: datetime.tzinfo = datetime.UTC) -> RowFunction:
    """The function from the values of `visit.children(node)` to the value of `node`.

    Naive timestamps, among the constants or in text, are taken to be in `zone`.
    """
    match node:
        case Operation():
            return operation_function(node, zone)
        case IsIn():
            return _is_in(node, zone)
        case Cast():
            return cast_function(node, zone)
        case JsonPath(type=type_, path=path):
            return path_function(path, type_.kind, zone)
        case ArrayItem(index=index):
            return _array_item(index)
        case Template():
            return _template(node)
        case MakeList(type=ColumnType(kind=Kind.ARRAY)):
            return _array(node.type.array.dtype)
        case MakeList():
            return lambda *items: list(items)
        case MakeDict(keys=keys):
            return lambda *values: dict(zip(keys, values, strict=True))
    raise InternalError(ErrorCode.INTERNAL_ERROR, f'{type(node).__name__} is not computed row by row.')


def _is_in(node: IsIn, zone: datetime.tzinfo) -> RowFunction:
    if not node.values:
        return lambda value: False
    kind = node.arg.type.kind
    if kind not in _HASHED and not node.arg.type.is_numeric:
        equal = json_compare('eq')
        candidates = [value.value for value in node.values]
        return lambda value: None if value is None else any(equal(value, candidate) for candidate in candidates)
    if node.arg.type.is_numeric:
        return _is_in_numbers(node)
    if kind is Kind.TIMESTAMP:
        moments = {instant(value.value, zone) for value in node.values}
        return lambda value: None if value is None else instant(value, zone) in moments
    members = {value.value for value in node.values}
    return lambda value: None if value is None else value in members


_HASHED = frozenset({Kind.STRING, Kind.TIMESTAMP, Kind.DATE, Kind.UUID, Kind.BINARY})


def _is_in_numbers(node: IsIn) -> RowFunction:
    """Integers compare exactly with integers, and as floats with floats, as `==` does; NaN is a member like others."""
    inexact = node.arg.type.kind is Kind.FLOAT
    integers = {value.value for value in node.values if not inexact and value.type.kind is not Kind.FLOAT}
    floats = {float(value.value) for value in node.values if inexact or value.type.kind is Kind.FLOAT}
    has_nan = any(value != value for value in floats)

    def contains(value: Any) -> bool | None:
        if value is None:
            return None
        return value in integers or (bool(floats) and float(value) in floats) or (has_nan and value != value)

    return contains


def _array(dtype: str | None) -> RowFunction:
    numpy_dtype = np.dtype('U' if dtype == 'str' else dtype)

    def stack(*items: Any) -> Any:
        if any(item is None for item in items):
            return None
        return np.stack([np.asarray(item, numpy_dtype) for item in items])

    return stack


def _array_item(index: tuple[Any, ...]) -> RowFunction:
    steps = tuple(slice(step.start, step.stop, step.step) if isinstance(step, Slice) else step for step in index)

    def item(value: Any) -> Any:
        if value is None:
            return None
        found = value[steps]
        return found if getattr(found, 'shape', ()) else found.item()

    return item


def _template(node: Template) -> RowFunction:
    pieces = [part if isinstance(part, str) else part.format_spec for part in node.parts]
    is_text = [isinstance(part, str) for part in node.parts]

    def fill(*values: Any) -> str | None:
        if any(value is None for value in values):
            return None
        rest = iter(values)
        return ''.join(
            piece if text else format(next(rest), piece) for piece, text in zip(pieces, is_text, strict=True)
        )

    return fill
