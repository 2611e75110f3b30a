"""Lists, objects and arrays made of expressions, and the types that they have."""

from __future__ import annotations

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import MakeDict, MakeList, Node
from pixeltable.types.column_type import ArrayShape, ColumnType, JsonList, JsonObject, Kind
from pixeltable.types.supertypes import common

_DTYPES = {Kind.INT: 'int64', Kind.FLOAT: 'float32', Kind.BOOL: 'bool', Kind.STRING: 'str'}


def list_of(items: tuple[Node, ...]) -> MakeList:
    """A Json list with these items."""
    return MakeList(ColumnType(Kind.JSON, detail=JsonList(tuple(item.type for item in items))), items)


def dict_of(keys: tuple[str, ...], values: tuple[Node, ...]) -> MakeDict:
    """A Json object with these keys and values."""
    fields = zip(keys, (value.type for value in values), strict=True)
    return MakeDict(ColumnType(Kind.JSON, detail=JsonObject(tuple(fields))), keys, values)


def array_of(items: tuple[Node, ...]) -> MakeList:
    """An array of scalars of one type, or of arrays of one shape; NULL where an item is.

    Raises INVALID_TYPE for no items, and for items that make no array.
    """
    if not items:
        raise RequestError(ErrorCode.INVALID_TYPE, 'array() needs at least one element.')
    shared = common(item.type for item in items)
    detail = None if shared is None else _stacked(len(items), shared)
    if detail is None or shared is None:
        types = ', '.join(dict.fromkeys(str(item.type) for item in items))
        shown = ', '.join(map(display, items))
        raise RequestError(
            ErrorCode.INVALID_TYPE,
            f'array([{shown}]) takes elements of one type, Int, Float, Bool, String or Array, not {types}; '
            'convert them with astype(...).',
        )
    return MakeList(ColumnType(Kind.ARRAY, shared.nullable, detail), items)


def _stacked(length: int, item: ColumnType) -> ArrayShape | None:
    if item.kind is not Kind.ARRAY:
        return ArrayShape((length,), _DTYPES[item.kind]) if item.kind in _DTYPES else None
    if item.array.dtype is None:
        return None
    shape = item.array.shape
    return ArrayShape(None if shape is None else (length, *shape), item.array.dtype)
