"""What the annotations of Python functions mean as column types.

Unlike a schema, a hint may use Python's own types: `str`, `list[int]`, `Literal['a', 'b']`, an enum, a `TypedDict`, a
pydantic model. `json_spelling` uses the same rules for what stands inside `Json[...]`.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import enum
import pathlib
import sys
import types
import typing
import uuid
from collections.abc import Iterator
from typing import Any

from pixeltable.types import column_type as ct
from pixeltable.types import literals
from pixeltable.types.column_type import ArrayShape, ColumnType, JsonList, JsonObject, Kind
from pixeltable.types.supertypes import common, is_json_able

_ANY = ct.JSON.with_nullable(True)

_BUILTINS: dict[Any, ColumnType] = {
    str: ct.STRING,
    int: ct.INT,
    float: ct.FLOAT,
    bool: ct.BOOL,
    bytes: ct.BINARY,
    datetime.datetime: ct.TIMESTAMP,
    datetime.date: ct.DATE,
    uuid.UUID: ct.UUID,
    dict: ct.JSON,
    list: ct.JSON,
    tuple: ct.JSON,
    Any: _ANY,
}
_LISTS = (list, collections.abc.Sequence, collections.abc.MutableSequence)
_DICTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_FIELD_MARKS = (typing.Required, typing.NotRequired, typing.Final)


def spelled(spelling: Any) -> ColumnType | None:
    """The type of a Pixeltable spelling without `| None`; None if it is anything else."""
    if isinstance(spelling, ColumnType):
        return spelling
    if isinstance(spelling, type):
        declared = spelling.__dict__.get('__column_type__')
        return declared if isinstance(declared, ColumnType) else None
    if typing.get_origin(spelling) is typing.Annotated:
        return next((item for item in spelling.__metadata__ if isinstance(item, ColumnType)), None)
    return None


def is_union(hint: Any) -> bool:
    """True for `A | B` and `Optional[A]`."""
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def is_model(hint: Any) -> bool:
    """True for a class that describes a Json object: a `TypedDict`, a pydantic model, a dataclass."""
    if not isinstance(hint, type):
        return False
    return typing.is_typeddict(hint) or _is_pydantic(hint) or dataclasses.is_dataclass(hint)


def from_hint(hint: Any) -> ColumnType | None:
    """The type that an annotation of a Python function means; None if it means none that can be stored."""
    return _from_hint(hint, ())


def choices(hint: Any) -> tuple[Any, ...] | None:
    """The values that `Literal['a', 'b']` or an enum allows, without None; None if the hint names no values."""
    if is_union(hint):
        members = [member for member in typing.get_args(hint) if member is not type(None)]
        return choices(members[0]) if len(members) == 1 else None
    if typing.get_origin(hint) is typing.Literal:
        return tuple(value for value in typing.get_args(hint) if value is not None)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return tuple(member.value for member in hint)
    return None


def _from_hint(hint: Any, within: tuple[type, ...]) -> ColumnType | None:
    found = spelled(hint)
    if found is None and isinstance(hint, collections.abc.Hashable):
        found = _BUILTINS.get(hint)
    if found is not None:
        return found
    if is_union(hint):
        return _union(typing.get_args(hint), within)
    origin = typing.get_origin(hint)
    if origin is not None:
        return _generic(hint, origin, within)
    if isinstance(hint, type):
        return _class(hint, within)
    # NewType and, from Python 3.12, `type X = ...`
    alias = getattr(hint, '__supertype__', None) or getattr(hint, '__value__', None)
    return None if alias is None else _from_hint(alias, within)


def _union(members: tuple[Any, ...], within: tuple[type, ...]) -> ColumnType | None:
    nullable = type(None) in members
    found = [_from_hint(member, within) for member in members if member is not type(None)]
    if not found or None in found:
        return None
    shared = common(type_ for type_ in found if type_ is not None)
    if shared is None and all(type_ is not None and is_json_able(type_) for type_ in found):
        shared = ct.JSON
    return None if shared is None else shared.with_nullable(shared.nullable or nullable)


def _generic(hint: Any, origin: Any, within: tuple[type, ...]) -> ColumnType | None:
    args = typing.get_args(hint)
    if origin is typing.Annotated or origin in _FIELD_MARKS:
        return _from_hint(args[0], within)
    if origin is typing.Literal:
        return _of_values(args)
    if origin in _LISTS:
        return _json_list((), args[0], within)
    if origin is tuple:
        return _tuple(args, within)
    if origin in _DICTS:
        return ct.JSON
    if _is_named(origin, 'numpy', 'ndarray'):
        return _ndarray(args)
    return _class(origin, within) if isinstance(origin, type) else None


def _tuple(args: tuple[Any, ...], within: tuple[type, ...]) -> ColumnType:
    if args and args[-1] is Ellipsis:
        return _json_list(args[:-2], args[-2], within)
    return ColumnType(Kind.JSON, detail=JsonList(tuple(_inside(arg, within) for arg in args)))


def _json_list(head: tuple[Any, ...], rest: Any, within: tuple[type, ...]) -> ColumnType:
    if not head and rest is Any:
        return ct.JSON
    detail = JsonList(tuple(_inside(item, within) for item in head), _inside(rest, within))
    return ColumnType(Kind.JSON, detail=detail)


def _inside(hint: Any, within: tuple[type, ...]) -> ColumnType:
    """The type of something inside Json: what we cannot name is any Json."""
    if hint is None or hint is type(None):
        return _ANY
    return _from_hint(hint, within) or _ANY


def _class(hint: type, within: tuple[type, ...]) -> ColumnType | None:
    if hint in within:
        return ct.JSON  # a type that contains itself, such as a tree
    if is_model(hint):
        return of_fields(hint, (*within, hint))
    if issubclass(hint, enum.Enum):
        return _of_values(tuple(member.value for member in hint))
    if issubclass(hint, pathlib.PurePath):
        return ct.STRING
    if hint in _LISTS or hint in _DICTS:
        return ct.JSON
    return _third_party(hint)


def _third_party(hint: type) -> ColumnType | None:
    if any(_is_named(base, 'PIL.Image', 'Image') for base in hint.__mro__):
        return ct.IMAGE
    if _is_named(hint, 'numpy', 'ndarray'):
        return ct.ARRAY
    names = {base.__name__ for base in hint.__mro__ if base.__module__ == 'numpy'}
    for name, type_ in (('bool', ct.BOOL), ('integer', ct.INT), ('floating', ct.FLOAT), ('str_', ct.STRING)):
        if name in names:
            return type_
    return None


def _ndarray(args: tuple[Any, ...]) -> ColumnType:
    """`np.ndarray[shape, np.dtype[T]]`, which is what `NDArray[T]` is; only T is used."""
    import numpy as np

    element = typing.get_args(args[1]) if len(args) == 2 else ()
    if not element or not (isinstance(element[0], type) and issubclass(element[0], (np.number, np.bool_))):
        return ct.ARRAY
    try:
        name = np.dtype(element[0]).name
    except TypeError:  # an abstract kind such as np.floating
        return ct.ARRAY
    return ColumnType(Kind.ARRAY, detail=ArrayShape(None, name))


def _is_named(value: Any, module: str, name: str) -> bool:
    """Whether `value` is the class `module.name`, without importing it."""
    return getattr(value, '__name__', None) == name and getattr(value, '__module__', None) == module


def _of_values(values: tuple[Any, ...]) -> ColumnType | None:
    found = [literals.of_value(value) for value in values]
    return None if None in found else common(type_ for type_ in found if type_ is not None)


def _is_pydantic(hint: type) -> bool:
    pydantic = sys.modules.get('pydantic')
    return pydantic is not None and issubclass(hint, pydantic.BaseModel)


def of_fields(model: type, within: tuple[type, ...]) -> ColumnType:
    fields: list[tuple[str, ColumnType]] = []
    optional: set[str] = set()
    for name, hint, required in _fields(model):
        fields.append((name, _inside(hint, within)))
        if not required:
            optional.add(name)
    return ColumnType(Kind.JSON, detail=JsonObject(tuple(fields), frozenset(optional)))


def _fields(model: Any) -> Iterator[tuple[str, Any, bool]]:
    """Name, hint and 'must be present' of each field."""
    if _is_pydantic(model):
        for name, field in model.model_fields.items():
            yield name, field.annotation, field.is_required()
        return
    hints = typing.get_type_hints(model, include_extras=True)
    if dataclasses.is_dataclass(model):
        for member in dataclasses.fields(model):
            yield member.name, hints[member.name], True
        return
    for name, hint in hints.items():
        mark = typing.get_origin(hint)
        required = mark is typing.Required or (mark is not typing.NotRequired and name in model.__required_keys__)
        yield name, hint, required
