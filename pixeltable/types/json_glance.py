"""Json values that need no more than a glance: most are plain, and as their column wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pixeltable.types import json_objects, scalars
from pixeltable.types.column_type import ColumnType, JsonList, JsonObject, Kind
from pixeltable.types.json_values import EXACT, MAX_DEPTH, dump

_LEAVES = frozenset({str, int, float, bool, type(None)})


def dumper_of_unchanged(type_: ColumnType) -> Callable[[Any], str | None]:
    """What gives the text of a value that `to_json` would not change, but for lone surrogates; None if that is not seen at a
    glance."""
    fits = _glance(type_, 0)

    def dumped(value: Any) -> str | None:
        if not fits(value):
            return None
        try:
            result = dump(value)
        except ValueError:  # NaN, infinity, a number of thousands of digits
            return None
        return None if '\\u0000' in result or json_objects.MARK in result else result

    return dumped


def _glance(type_: ColumnType, depth: int) -> Callable[[Any], bool]:
    """What says whether a value is plain and as `type_` wants it; False if that takes more than a glance."""
    match type_.detail:
        case JsonObject(fields=fields):
            fits = _glance_at_object([(name, _glance(field, depth + 1)) for name, field in fields])
        case JsonList(head=head, rest=rest):
            fits = _never if head or rest is None else _glance_at_list(_glance(rest, depth + 1))
        case _:
            fits = _glance_at_leaf(type_.kind, depth)
    return (lambda value: value is None or fits(value)) if type_.nullable else fits


def _glance_at_object(fields: Sequence[tuple[str, Callable[[Any], bool]]]) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        if type(value) is not dict or len(value) != len(fields) or not set(map(type, value)) <= {str}:
            return False
        return all(name in value and each(value[name]) for name, each in fields)

    return fits


def _glance_at_list(each: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: type(value) is list and all(map(each, value))


def _glance_at_leaf(kind: Kind, depth: int) -> Callable[[Any], bool]:
    if kind is Kind.JSON:
        return lambda value: type(value) in _LEAVES or _is_plain(value, depth)
    if kind is Kind.INT:
        return lambda value: type(value) is int and scalars.INT_MIN <= value <= scalars.INT_MAX
    exact = EXACT.get(kind)
    return lambda value: type(value) is exact


def _never(value: Any) -> bool:
    return False


def _is_plain(value: Any, depth: int) -> bool:
    if type(value) is dict:
        if not set(map(type, value)) <= {str}:
            return False
        items: Any = value.values()
    elif type(value) is list or type(value) is tuple:
        items = value
    else:
        return False
    return depth < MAX_DEPTH and all(type(item) in _LEAVES or _is_plain(item, depth + 1) for item in items)
