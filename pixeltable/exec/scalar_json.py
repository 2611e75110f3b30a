"""Json paths over parsed documents.

A key works on objects and a position on lists; what is missing, or not of the declared type, is NULL. `['*']`, and a slice
before a key, apply the rest of the path to each item and give a list with an item for each, NULL ones too.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any

from pixeltable.exprs.nodes import AllItems, Slice
from pixeltable.types.column_type import Kind

Step = str | int | Slice | AllItems
Follow = Callable[[Any], Any]


def path_function(path: tuple[Step, ...], kind: Kind, zone: datetime.tzinfo) -> Follow:
    """The function from a document to what is at `path` in it, as a value of `kind`."""
    follow = _follow(path)
    if kind not in _TYPED:
        return follow
    typed = _TYPED[kind]
    if kind is Kind.TIMESTAMP:
        return lambda document: _timestamp(follow(document), zone)
    return lambda document: typed(follow(document))


def _follow(path: tuple[Step, ...]) -> Follow:
    if not path:
        return lambda value: value
    step, rest = path[0], _follow(path[1:])
    if isinstance(step, AllItems):
        return lambda value: _each(list(value.values()) if isinstance(value, dict) else value, rest)
    if isinstance(step, Slice):
        taken = slice(step.start, step.stop, step.step)
        if len(path) > 1 and isinstance(path[1], str):
            return lambda value: _each(value[taken], rest) if _is_list(value) else None
        return lambda value: rest(value[taken]) if _is_list(value) else None
    if isinstance(step, str):
        return lambda value: rest(value.get(step)) if isinstance(value, dict) else None
    return lambda value: rest(value[step]) if _is_list(value) and -len(value) <= step < len(value) else None


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _each(items: Any, rest: Follow) -> list[Any] | None:
    return [rest(item) for item in items] if _is_list(items) else None


def _string(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _int(value: Any) -> Any:
    fits = isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    return value if fits else None


def _float(value: Any) -> Any:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _bool(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _timestamp(value: Any, zone: datetime.tzinfo) -> Any:
    found = _parsed(value, datetime.datetime.fromisoformat)
    return found.replace(tzinfo=zone) if found is not None and found.tzinfo is None else found


def _date(value: Any) -> Any:
    return _parsed(value, datetime.date.fromisoformat)


def _uuid(value: Any) -> Any:
    return _parsed(value, uuid.UUID)


def _parsed(value: Any, parse: Callable[[str], Any]) -> Any:
    """Json holds times and UUIDs as text."""
    try:
        return parse(value) if isinstance(value, str) else None
    except ValueError:
        return None


_TYPED: dict[Kind, Callable[..., Any]] = {
    Kind.STRING: _string,
    Kind.INT: _int,
    Kind.FLOAT: _float,
    Kind.BOOL: _bool,
    Kind.TIMESTAMP: _timestamp,
    Kind.DATE: _date,
    Kind.UUID: _uuid,
}
