"""What a predicate says about single columns, so that files which cannot hold a matching row need not be read.

A condition is implied by the predicate and never decides by itself: rows that pass all conditions still go through the predicate.
What is not understood here gives no condition, and then nothing is skipped.
"""

from __future__ import annotations

import datetime
import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from typing import Literal as OneOf

from pixeltable.exprs.nodes import Field, IsIn, Literal, Node, Operation
from pixeltable.types.column_type import ColumnType, Kind

Scalar = int | float | str | bytes
"""A value as files order it: times count microseconds since 1970, dates days, bools are 0 and 1, UUIDs their 16 bytes."""

Comparison = OneOf['eq', 'lt', 'le', 'gt', 'ge', 'in', 'is_null', 'is_not_null']

# Each comparison, and the one with its sides swapped.
_COMPARISONS: dict[str, tuple[Comparison, Comparison]] = {
    'eq': ('eq', 'eq'),
    'lt': ('lt', 'gt'),
    'le': ('le', 'ge'),
    'gt': ('gt', 'lt'),
    'ge': ('ge', 'le'),
}
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
_INT64 = range(-(2**63), 2**63)


_OF_FIXED_WIDTH = (Kind.INT, Kind.FLOAT, Kind.TIMESTAMP, Kind.DATE)


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` compared with one value; for `in` it equals one of several, in ascending order; a null test has none.

    A float among the values of an Int field is compared with the field converted to float, as the predicate does it. With a
    `divisor`, it is the remainder of the field that is compared.
    """

    field: Field
    op: Comparison
    values: tuple[Scalar, ...] = ()
    divisor: int | None = None


def conditions(predicate: Node) -> tuple[Condition, ...]:
    """The conditions on single fields that every row meets for which `predicate` is true. NULL meets none but `is_null`."""
    match predicate:
        case Operation(op='and', args=args):
            return tuple(found for arg in args for found in conditions(arg))
        case Operation(op='is_null' | 'is_not_null' as op, args=(Field() as field,)):
            return (Condition(field, op),)
        case Operation(op=op, args=(Field() as field, Literal() as constant)) if op in _COMPARISONS:
            return _compared(field, _COMPARISONS[op][0], (constant,))
        case Operation(op=op, args=(Literal() as constant, Field() as field)) if op in _COMPARISONS:
            return _compared(field, _COMPARISONS[op][1], (constant,))
        case IsIn(arg=Field() as field, values=values):
            return _compared(field, 'in', values)
        case Field(type=ColumnType(kind=Kind.BOOL)):
            return (Condition(predicate, 'eq', (1,)),)
    return ()


def exact(predicate: Node) -> tuple[Condition, ...] | None:
    """The conditions that are met by the very rows for which `predicate` is true; None if they are more, or that is not known."""
    if isinstance(predicate, Operation) and predicate.op == 'and':
        parts = [exact(arg) for arg in predicate.args]
        return None if None in parts else tuple(found for part in parts for found in part or ())
    found = conditions(predicate) or _of_remainder(predicate)
    return found if found and found[0].op != 'in' and found[0].field.type.kind in _OF_FIXED_WIDTH else None


def _of_remainder(predicate: Node) -> tuple[Condition, ...]:
    match predicate:
        case Operation(
            op=op, args=(Operation(op='mod', args=(Field() as field, Literal(value=int(divisor)))), Literal() as it)
        ):
            if op in _COMPARISONS and field.type.kind is Kind.INT and divisor in range(1, 2**63):
                return tuple(replace(each, divisor=divisor) for each in _compared(field, _COMPARISONS[op][0], (it,)))
    return ()


def without_prefix(condition: Condition, prefix: str) -> Condition:
    """The condition on the field as its table calls it."""
    return replace(condition, field=replace(condition.field, name=condition.field.name.removeprefix(prefix)))


def _compared(field: Field, op: Comparison, constants: tuple[Literal, ...]) -> tuple[Condition, ...]:
    values = [_scalar(constant, field.type) for constant in constants]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return ()
    return (Condition(field, op, tuple(sorted(known))),)


def _scalar(constant: Literal, type_: ColumnType) -> Scalar | None:
    """The constant as it compares with a column of `type_`; None if that is not known."""
    if constant.value is None:
        return None
    if type_.is_numeric and constant.type.is_numeric:
        return _number(constant.value, Kind.FLOAT in (type_.kind, constant.type.kind))
    if type_.kind is not constant.type.kind or type_.kind not in _SCALARS:
        return None
    return _SCALARS[type_.kind](constant.value)


def _number(value: int | float, as_float: bool) -> Scalar | None:
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if value not in _INT64:
        return None
    return float(value) if as_float else int(value)


def _microseconds(value: datetime.datetime) -> int | None:
    return None if value.tzinfo is None else (value - _EPOCH) // datetime.timedelta(microseconds=1)


def _text(value: str) -> str | None:
    """Text with lone surrogates has no place in the order of texts."""
    return value if value.isascii() or not any('\ud800' <= character <= '\udfff' for character in value) else None


def _bytes(value: uuid.UUID) -> bytes:
    return value.bytes


_SCALARS: dict[Kind, Callable[[Any], Scalar | None]] = {
    Kind.STRING: _text,
    Kind.TIMESTAMP: _microseconds,
    Kind.DATE: lambda value: value.toordinal() - _EPOCH_DAY,
    Kind.UUID: _bytes,
    Kind.BINARY: bytes,
}
