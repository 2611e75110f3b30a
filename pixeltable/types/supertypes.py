"""The narrowest type that holds the values of two or more types."""

from __future__ import annotations

from collections.abc import Iterable

from pixeltable.types import column_type as ct
from pixeltable.types.column_type import ArrayShape, ColumnType, ImageShape, JsonList, JsonObject, Kind

_ANY = ct.JSON.with_nullable(True)
_NUMBERS = (Kind.BOOL, Kind.INT, Kind.FLOAT)
_JSON_ABLE = frozenset({Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.STRING, Kind.JSON})


def is_json_able(type_: ColumnType) -> bool:
    """True if every value of `type_` is a Json value too."""
    return type_.kind in _JSON_ABLE


def common(types: Iterable[ColumnType]) -> ColumnType | None:
    """The supertype of all of `types`; None if there is none, or no types."""
    result: ColumnType | None = None
    for type_ in types:
        result = type_ if result is None else supertype(result, type_)
        if result is None:
            return None
    return result


def supertype(a: ColumnType, b: ColumnType) -> ColumnType | None:
    """The narrowest type that holds the values of both, or None."""
    nullable = a.nullable or b.nullable
    if a.kind in _NUMBERS and b.kind in _NUMBERS:
        return ColumnType(max(a.kind, b.kind, key=_NUMBERS.index), nullable)
    if a.kind is not b.kind:
        mixed = Kind.JSON in (a.kind, b.kind) and is_json_able(a) and is_json_able(b)
        return ColumnType(Kind.JSON, nullable) if mixed else None
    if a.detail == b.detail:
        return a.with_nullable(nullable)
    return ColumnType(a.kind, nullable, _common_detail(a.detail, b.detail))


def _common_detail(a: ct.Detail | None, b: ct.Detail | None) -> ct.Detail | None:
    match a, b:
        case ArrayShape(), ArrayShape():
            return _common_array(a, b)
        case ImageShape(), ImageShape():
            size = a.size if a.size == b.size else None
            mode = a.mode if a.mode == b.mode else None
            return ImageShape(size, mode) if size or mode else None
        case JsonObject(), JsonObject():
            return _common_object(a, b)
        case JsonList(), JsonList():
            return _common_list(a, b)
    return None


def _common_array(a: ArrayShape, b: ArrayShape) -> ArrayShape | None:
    if a.dtype != b.dtype or a.dtype is None:
        return None
    if a.shape is None or b.shape is None:
        return ArrayShape(None, a.dtype)
    if len(a.shape) != len(b.shape):
        return None
    return ArrayShape(tuple(x if x == y else None for x, y in zip(a.shape, b.shape, strict=True)), a.dtype)


def _common_object(a: JsonObject, b: JsonObject) -> JsonObject | None:
    """All keys of both; those that one lacks become optional. Keys whose types do not agree are any Json."""
    of_a, of_b = dict(a.fields), dict(b.fields)
    optional = a.optional | b.optional | (of_a.keys() ^ of_b.keys())
    fields = [(key, of_a[key]) if key not in of_b else (key, _common_item(of_a[key], of_b[key])) for key in of_a]
    fields += [(key, type_) for key, type_ in b.fields if key not in of_a]
    return JsonObject(tuple(fields), frozenset(optional))


def _common_list(a: JsonList, b: JsonList) -> JsonList | None:
    if len(a.head) == len(b.head) and a.rest == b.rest:
        return JsonList(tuple(map(_common_item, a.head, b.head)), a.rest)
    items = [*a.head, *b.head, *(rest for rest in (a.rest, b.rest) if rest is not None)]
    item = common(items)
    return None if item is None else JsonList((), item)


def _common_item(a: ColumnType, b: ColumnType) -> ColumnType:
    """Inside Json every two types have a common one: where one was only ever None, the other's; else any Json."""
    if _ANY in (a, b):
        return (b if a == _ANY else a).with_nullable(True)
    return supertype(a, b) or ct.JSON.with_nullable(a.nullable or b.nullable)
