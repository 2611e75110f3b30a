"""What the functions of `json` give for Json whose schema is known. None leaves it at what they declare."""

from __future__ import annotations

from pixeltable.exprs.expr import Expr
from pixeltable.types.column_type import JSON, ColumnType, JsonList, JsonObject, Kind
from pixeltable.types.supertypes import common, supertype

_ANY = JSON.with_nullable(True)


def of_get(self: Expr, key: str, default: object = None) -> ColumnType | None:
    """The type of the field. With a default, only that of an object that surely has the key is known."""
    type_ = self.col_type
    if not isinstance(type_.detail, JsonObject) or default is not None:
        return None
    found = dict(type_.detail.fields).get(key)
    return None if found is None else found.with_nullable(True)


def of_values(self: Expr) -> ColumnType | None:
    detail = self.col_type.detail
    if not isinstance(detail, JsonObject):
        return None
    return _list(common(type_ for _, type_ in detail.fields))


def of_flatten(self: Expr) -> ColumnType | None:
    item = _item(self.col_type)
    if item is None:
        return None
    return _list(_item(item) if isinstance(item.detail, JsonList) else None if item.kind is Kind.JSON else item)


def of_concat(self: Expr, other: Expr) -> ColumnType | None:
    first, second = _item(self.col_type), _item(other.col_type)
    if first is None or second is None:
        return None
    return _list(supertype(first, second)).with_nullable(_is_nullable(self, other))


def of_merge(self: Expr, other: Expr) -> ColumnType | None:
    first, second = self.col_type.detail, other.col_type.detail
    if not isinstance(first, JsonObject) or not isinstance(second, JsonObject):
        return None
    fields, added = dict(first.fields), dict(second.fields)
    for name in second.optional & fields.keys():  # the left one may remain
        added[name] = supertype(fields[name], added[name]) or _ANY
    optional = {
        name
        for name in fields | added
        if (name in first.optional or name not in fields) and (name in second.optional or name not in added)
    }
    detail = JsonObject(tuple((fields | added).items()), frozenset(optional))
    return ColumnType(Kind.JSON, _is_nullable(self, other), detail)


def _item(type_: ColumnType) -> ColumnType | None:
    """The type of the items of a typed list."""
    if not isinstance(type_.detail, JsonList):
        return None
    return common((*type_.detail.head, *([] if type_.detail.rest is None else [type_.detail.rest])))


def _list(item: ColumnType | None) -> ColumnType:
    return ColumnType(Kind.JSON, detail=JsonList((), item or _ANY))


def _is_nullable(*arguments: Expr) -> bool:
    return any(argument.col_type.nullable for argument in arguments)
