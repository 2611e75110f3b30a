"""The type of a Python value that nobody declared: a literal in an expression, a cell of a row.

Third-party packages are only looked at here, never imported: while one is not imported, none of its values is at hand.
"""

from __future__ import annotations

import datetime
import enum
import pathlib
import sys
import uuid
from collections.abc import Iterable
from typing import Any

from pixeltable.types import column_type as ct
from pixeltable.types.column_type import ArrayShape, ColumnType, ImageShape, JsonList, JsonObject, Kind
from pixeltable.types.supertypes import common

_ANY = ct.JSON.with_nullable(True)
_SCALARS: dict[type, ColumnType] = {
    bool: ct.BOOL,
    str: ct.STRING,
    int: ct.INT,
    float: ct.FLOAT,
    datetime.datetime: ct.TIMESTAMP,
    datetime.date: ct.DATE,
    uuid.UUID: ct.UUID,
    bytes: ct.BINARY,
}
_ARRAY_KINDS = 'biufU'


def of_value(value: Any) -> ColumnType | None:
    """The type of one value; None if no column could hold it. `None` is a nullable Json, which takes anything."""
    if value is None:
        return _ANY
    known = _SCALARS.get(type(value))
    if known is not None:
        return known
    if isinstance(value, enum.Enum):
        return of_value(value.value)
    if isinstance(value, (dict, list, tuple)):
        return _of_json(value)
    if isinstance(value, (bytearray, memoryview)):
        return ct.BINARY
    if isinstance(value, pathlib.PurePath):
        return ct.STRING
    return _of_third_party(value) or next((t for base, t in _SCALARS.items() if isinstance(value, base)), None)


def _of_third_party(value: Any) -> ColumnType | None:
    """NumPy, Pillow and pydantic values: there are none while the package is not imported."""
    numpy = sys.modules.get('numpy')
    if numpy is not None and isinstance(value, numpy.ndarray):
        if value.dtype.kind not in _ARRAY_KINDS or value.dtype.name in ('float128', 'longdouble'):
            return None
        dtype = 'str' if value.dtype.kind == 'U' else value.dtype.name
        return ColumnType(Kind.ARRAY, detail=ArrayShape(value.shape, dtype))
    if numpy is not None and isinstance(value, numpy.generic):
        if isinstance(value, numpy.datetime64):
            return ct.TIMESTAMP
        return _SCALARS.get(type(value.item()))
    pillow = sys.modules.get('PIL.Image')
    if pillow is not None and isinstance(value, pillow.Image):
        return ColumnType(Kind.IMAGE, detail=ImageShape(value.size, value.mode))
    pydantic = sys.modules.get('pydantic')
    if pydantic is not None and isinstance(value, pydantic.BaseModel):
        return _of_json(value.model_dump(mode='json'))
    return None


def _of_json(value: Any) -> ColumnType | None:
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            return None
        types = [of_value(item) for item in value.values()]
        if None in types:
            return None
        return ColumnType(Kind.JSON, detail=JsonObject(tuple(zip(value, types, strict=True))))  # type: ignore[arg-type]
    kinds = set(map(type, value))
    if len(kinds) == 1 and isinstance(value, list):  # a list of a million numbers is common
        kind = next(iter(kinds))
        only = of_value(value[0]) if kind.__module__ == 'numpy' and kind.__name__ != 'ndarray' else _SCALARS.get(kind)
        if only is not None:
            return ColumnType(Kind.JSON, detail=JsonList((), only))
    found = [of_value(item) for item in value]
    items = [type_ for type_ in found if type_ is not None]
    if len(items) < len(found):
        return None
    if isinstance(value, tuple):
        return ColumnType(Kind.JSON, detail=JsonList(tuple(items)))
    if not items:
        return ColumnType(Kind.JSON, detail=JsonList())
    present = common(type_ for type_, item in zip(items, value, strict=True) if item is not None)
    if present is None:
        return ct.JSON
    return ColumnType(Kind.JSON, detail=JsonList((), present.with_nullable(present.nullable or type(None) in kinds)))


def of_values(values: Iterable[Any]) -> ColumnType | None:
    """The nullable type of a column of values, None where they have none in common or are all None."""
    present = [value for value in values if value is not None]
    kinds = set(map(type, present))
    if kinds <= _SCALARS.keys():
        found = common(_SCALARS[kind] for kind in kinds)
    else:
        types = [of_value(value) for value in present]
        found = None if None in types else common(dict.fromkeys(t for t in types if t is not None))
    return None if found is None else found.with_nullable(True)
