"""Comparisons of two values that are not NULL, by type: one total order for floats, instants for timestamps, Json by value."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable
from typing import Any

from pixeltable.types.column_type import ColumnType, Kind

Compare = Callable[[Any, Any], bool | None]

OPERATORS: dict[str, Compare] = {
    'eq': operator.eq,
    'ne': operator.ne,
    'lt': operator.lt,
    'le': operator.le,
    'gt': operator.gt,
    'ge': operator.ge,
}

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def compare_function(op: str, left: ColumnType, right: ColumnType, zone: datetime.tzinfo) -> Compare:
    """The comparison `op` of two values of these types."""
    kinds = left.kind, right.kind
    if Kind.JSON in kinds:
        return json_compare(op)
    if Kind.FLOAT in kinds:
        return _FLOAT[op]
    compare = OPERATORS[op]
    if kinds[0] is Kind.TIMESTAMP:
        return lambda a, b: compare(instant(a, zone), instant(b, zone))
    return lambda a, b: bool(compare(a, b))


def instant(value: datetime.datetime, zone: datetime.tzinfo) -> datetime.timedelta:
    """The time since 1970. Datetimes of one zone compare by the clock on the wall, which shows some hours twice."""
    return localized(value, zone) - _EPOCH


def localized(value: datetime.datetime, zone: datetime.tzinfo) -> datetime.datetime:
    """A time without a zone is one in `zone`."""
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


def _equal(a: float, b: float) -> bool:
    a, b = float(a), float(b)
    return a == b or (a != a and b != b)


def _less(a: float, b: float) -> bool:
    a, b = float(a), float(b)
    return a < b or (b != b and a == a)


# NaN equals NaN and is greater than every number; an integer next to a float is compared as one.
_FLOAT: dict[str, Compare] = {
    'eq': _equal,
    'ne': lambda a, b: not _equal(a, b),
    'lt': _less,
    'le': lambda a, b: not _less(b, a),
    'gt': lambda a, b: _less(b, a),
    'ge': lambda a, b: not _less(a, b),
}


def json_compare(op: str) -> Compare:
    """Equality of any two Json values; an order between two numbers or two strings, else NULL."""
    if op == 'eq':
        return _json_equal
    if op == 'ne':
        return lambda a, b: not _json_equal(a, b)
    by_float, exact = _FLOAT[op], OPERATORS[op]

    def order(a: Any, b: Any) -> bool | None:
        if isinstance(a, str) and isinstance(b, str):
            return exact(a, b)
        if is_number(a) and is_number(b):
            a, b = _narrow(a), _narrow(b)
            return by_float(a, b) if isinstance(a, float) or isinstance(b, float) else exact(a, b)
        return None

    return order


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _narrow(value: Any) -> Any:
    """Integers beyond 64 bits count as floats, which is how DuckDB reads them."""
    return value if isinstance(value, float) or -(2**63) <= value < 2**64 else float(value)


def _json_equal(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if is_number(a) and is_number(b):
        a, b = _narrow(a), _narrow(b)
        return _equal(a, b) if isinstance(a, float) or isinstance(b, float) else bool(a == b)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_json_equal, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_json_equal(value, b[key]) for key, value in a.items())
    if hasattr(a, 'dtype') and hasattr(b, 'dtype'):
        return a.dtype == b.dtype and a.shape == b.shape and bool((a == b).all())
    return type(a) is type(b) and bool(a == b)
