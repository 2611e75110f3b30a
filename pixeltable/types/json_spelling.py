"""What stands in the brackets of `Json[...]`: objects, lists, and models, described by the types of their parts."""

from __future__ import annotations

import typing
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types.column_type import ColumnType, JsonList, JsonObject, Kind
from pixeltable.types.hints import from_hint, is_model, is_union, of_fields


def json_of_literal(parameter: Any) -> ColumnType:
    """What stands in the brackets of `Json[...]`.

    Raises:
        RequestError: INVALID_TYPE if it describes no Json value.
    """
    if is_model(parameter):
        return of_fields(parameter, (parameter,))
    if isinstance(parameter, dict) and all(isinstance(key, str) for key in parameter):
        fields = tuple((key, _element(item)) for key, item in parameter.items())
        return ColumnType(Kind.JSON, detail=JsonObject(fields))
    if isinstance(parameter, list) and len(parameter) == 1:
        return ColumnType(Kind.JSON, detail=JsonList((), _element(parameter[0])))
    if isinstance(parameter, tuple) and parameter and parameter != (Ellipsis,):
        variadic = parameter[-1] is Ellipsis
        items = tuple(_element(item) for item in (parameter[:-1] if variadic else parameter))
        return ColumnType(Kind.JSON, detail=JsonList(items[:-1], items[-1]) if variadic else JsonList(items))
    raise RequestError(
        ErrorCode.INVALID_TYPE,
        f'Json[{parameter!r}]: write an object as {{name: type}}, a list as [type] or (type, type, ...), '
        'or give a TypedDict or a pydantic model.',
    )


def _element(item: Any) -> ColumnType:
    if isinstance(item, (dict, list, tuple)):
        return json_of_literal(item)
    if is_union(item):
        members = [member for member in typing.get_args(item) if member is not type(None)]
        if len(members) == 1:
            return _element(members[0]).with_nullable(True)
    found = from_hint(item)
    if found is not None:
        return found
    schema = ' JSON Schema documents are not types.' if isinstance(item, str) else ''
    raise RequestError(
        ErrorCode.INVALID_TYPE, f'Json[...]: {item!r} is not a type; use one such as pxt.Int or pxt.String.{schema}'
    )
