"""Functions and methods of Json expressions. A value of the wrong shape is an error of its cell, INVALID_ARGUMENT."""

from __future__ import annotations

import builtins
import json
from typing import TYPE_CHECKING, Any, NoReturn

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions import json_types
from pixeltable.functions._lists import list_iterator as list_iterator
from pixeltable.udf.aggregator import Aggregator
from pixeltable.udf.decorators import udf
from pixeltable.udf.uda import uda

if TYPE_CHECKING:
    Json = Any
else:
    from pixeltable.types.spelling import Json


def _refuse(function: str, wanted: str, value: Any) -> NoReturn:
    text = repr(value)
    shown = text if builtins.len(text) <= 80 else text[:77] + '...'
    raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{function}() needs {wanted}, not {shown}.')


def _object(function: str, value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else _refuse(function, 'a Json object', value)


def _list(function: str, value: Any) -> list[Any]:
    return (
        builtins.list(value) if isinstance(value, (builtins.list, tuple)) else _refuse(function, 'a Json list', value)
    )


def _numbers(function: str, value: Any) -> list[float]:
    items = _list(function, value)
    if any(isinstance(item, bool) or not isinstance(item, (int, float)) for item in items):
        _refuse(function, 'a Json list of numbers', value)
    return [float(item) for item in items]


@udf
def dumps(obj: Json) -> str:
    """The value as Json text. Arrays inside are lists, bytes are base64, images `data:` URLs."""
    from pixeltable.types.json_objects import readable  # loads NumPy

    return json.dumps(obj, ensure_ascii=False, default=readable)


@udf(is_method=True)
def len(self: Json) -> int:  # noqa: A001
    """The number of items of a list, of keys of an object, or of characters of a text."""
    return (
        builtins.len(self)
        if isinstance(self, (list, tuple, dict, str))
        else _refuse('len', 'a list, object or text', self)
    )


@udf(is_method=True)
def is_empty(self: Json | None) -> bool:
    """True for NULL, an empty list, an empty object and an empty text."""
    return self is None or (isinstance(self, (list, tuple, dict, str)) and not self)


@udf(is_method=True)
def contains(self: Json, value: Json) -> bool:
    """True if `value` is a key of the object, an item of the list, or a value anywhere inside them, such as a label."""
    if isinstance(self, str):
        return isinstance(value, str) and value in self
    return _occurs(self, value) or (isinstance(self, dict) and isinstance(value, str) and value in self)


def _occurs(within: Any, value: Any) -> bool:
    items = within.values() if isinstance(within, dict) else within if isinstance(within, (list, tuple)) else ()
    return any(_equal(item, value) or _occurs(item, value) for item in items)


def _equal(a: Any, b: Any) -> bool:
    """Json equality: unlike in Python, true is not 1."""
    if hasattr(a, 'dtype') or hasattr(b, 'dtype'):
        return hasattr(a, 'dtype') and hasattr(b, 'dtype') and a.shape == b.shape and bool((a == b).all())
    return isinstance(a, bool) is isinstance(b, bool) and bool(a == b)


@udf(is_method=True)
def get(self: Json | None, key: str, default: Json | None = None) -> Json | None:
    """The value of a key; `default` if there is none, or if this is no object."""
    return self.get(key, default) if isinstance(self, dict) else default


get.conditional_return_type(json_types.of_get)


@udf(is_method=True)
def sum(self: Json) -> float:  # noqa: A001
    """The sum of a list of numbers, 0 for an empty one."""
    return builtins.sum(_numbers('sum', self), 0.0)


@udf(is_method=True)
def min(self: Json) -> float | None:  # noqa: A001
    """The smallest of a list of numbers, NULL for an empty one."""
    return builtins.min(_numbers('min', self), default=None)


@udf(is_method=True)
def max(self: Json) -> float | None:  # noqa: A001
    """The largest of a list of numbers, NULL for an empty one."""
    return builtins.max(_numbers('max', self), default=None)


@udf(is_method=True)
def mean(self: Json) -> float | None:
    """The arithmetic mean of a list of numbers, NULL for an empty one."""
    numbers = _numbers('mean', self)
    return builtins.sum(numbers) / builtins.len(numbers) if numbers else None


@udf(is_method=True)
def count(self: Json, value: Json) -> int:
    """How many items of the list equal `value`."""
    return builtins.sum(_equal(item, value) for item in _list('count', self))


@udf(is_method=True)
def keys(self: Json) -> list[str]:
    """The keys of the object."""
    return list(_object('keys', self))


@udf(is_method=True)
def values(self: Json) -> Json:
    """The values of the object, as a list."""
    return list(_object('values', self).values())


values.conditional_return_type(json_types.of_values)


@udf(is_method=True)
def items(self: Json) -> Json:
    """The keys and values of the object, as a list of `[key, value]`."""
    return [[key, value] for key, value in _object('items', self).items()]


@udf(is_method=True)
def flatten(self: Json) -> Json:
    """The list with the items of its lists in their place, one level deep."""
    nested = [item if isinstance(item, (list, tuple)) else [item] for item in _list('flatten', self)]
    return [item for inner in nested for item in inner]


flatten.conditional_return_type(json_types.of_flatten)


@udf(is_method=True)
def concat(self: Json | None, other: Json | None) -> Json | None:
    """The items of both lists; NULL if one of them is NULL."""
    return None if self is None or other is None else _list('concat', self) + _list('concat', other)


concat.conditional_return_type(json_types.of_concat)


@udf(is_method=True)
def merge(self: Json | None, other: Json | None) -> Json | None:
    """The keys of both objects; where both have one, the value of `other`. NULL if one of them is NULL."""
    return None if self is None or other is None else _object('merge', self) | _object('merge', other)


merge.conditional_return_type(json_types.of_merge)


@uda
class make_list(Aggregator):  # noqa: N801
    """The values of a group as a Json list, in the order of insertion, or by `order_by`, without NULLs."""

    def __init__(self) -> None:
        self._items: builtins.list[Any] = []

    def update(self, obj: Json) -> None:
        self._items.append(obj)

    def value(self) -> Json:
        return self._items
