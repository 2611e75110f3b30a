"""Accepting values into Json columns: what JSON has, and arrays, bytes and images, checked against a schema.

What is accepted can always be written as strict JSON and read back equal.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import sys
import uuid
from typing import Any

from pixeltable.errors import did_you_mean
from pixeltable.types import json_objects, scalars
from pixeltable.types.array_values import to_array
from pixeltable.types.column_type import MEDIA_KINDS, ColumnType, JsonList, JsonObject, Kind
from pixeltable.types.pictures import is_image
from pixeltable.types.refusal import RefusalError

MAX_DEPTH = 200
"""Deeper nesting than any document has, and less than Python's own JSON reader can take."""

_AS_IS = frozenset({int, bool, type(None)})
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(',', ':'), default=json_objects.encode
)
EXACT = {Kind.STRING: str, Kind.FLOAT: float, Kind.BOOL: bool}
_ISO = (Kind.TIMESTAMP, Kind.DATE, Kind.UUID)


def to_json(value: Any, type_: ColumnType, *, more_keys: bool = False) -> Any:
    """`value` as plain Json that fits `type_`; with `more_keys`, objects may have keys that it does not name.

    Raises:
        RefusalError: it holds something that JSON cannot hold, or does not fit.
    """
    result = _plain(value, 0)
    return result if type_.detail is None else _fit(result, type_, more_keys)


def dump(value: Any) -> str:
    """The compact text of a value that `to_json` gave."""
    return _ENCODER.encode(value)


def load(text: str) -> Any:
    """The inverse of `dump`."""
    return json.loads(text, object_hook=json_objects.decode if json_objects.MARK in text else None)


def _plain(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind is str:
        return scalars.text(value)
    if kind is float:
        return _finite(value)
    if kind in _AS_IS:
        return _printable(value) if kind is int else value
    if depth > MAX_DEPTH:
        raise RefusalError(f'it is nested more than {MAX_DEPTH} levels deep, or contains itself')
    if isinstance(value, dict):
        return _plain_dict(value, depth)
    if isinstance(value, (list, tuple)):
        return _plain_list(value, depth)
    return _plain_other(value, depth)


def _finite(value: float) -> float:
    if math.isfinite(value):
        return value
    raise RefusalError(f'JSON has no {value!r}; use None')


def _printable(value: int) -> int:
    if value.bit_length() > 4096:
        try:
            str(value)
        except ValueError as error:  # Python's own limit, which holds for reading it back too
            raise RefusalError('the number has thousands of digits; store it as text') from error
    return value


def _plain_dict(value: dict[Any, Any], depth: int) -> Any:
    result: dict[str, Any] = {}
    if json_objects.KEY in value:
        return json_objects.of_object(value)
    for key, item in value.items():
        if not isinstance(key, str):
            raise RefusalError(f'JSON keys are text, not {key!r}; str(key) makes one')
        try:
            result[scalars.text(scalars.plain(key))] = _plain(item, depth + 1)
        except RefusalError as refusal:
            raise refusal.within(f'.{key}') from refusal
    return result


def _plain_list(value: Any, depth: int) -> list[Any]:
    result: list[Any] = []
    for item in value:
        try:
            result.append(_plain(item, depth + 1))
        except RefusalError as refusal:
            raise refusal.within(f'[{len(result)}]') from refusal
    return result


def _plain_other(value: Any, depth: int) -> Any:
    inner = scalars.plain(value)
    if inner is not value:
        return _plain(inner, depth + 1)
    kept = json_objects.canonical(value)
    if kept is not None:
        return kept
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    for base, convert in ((str, str.__str__), (bool, bool), (int, int), (float, float)):
        if isinstance(value, base):
            return _plain(convert(value), depth)
    pydantic = sys.modules.get('pydantic')
    if pydantic is not None and isinstance(value, pydantic.BaseModel):
        return _plain(value.model_dump(), depth + 1)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name), depth + 1) for field in dataclasses.fields(value)}
    raise RefusalError(f'JSON cannot hold a {type(value).__name__}')


def _fit(value: Any, type_: ColumnType, more_keys: bool) -> Any:
    """`value`, which is plain Json, as `type_` wants it: an int becomes a float where the schema says Float."""
    if value is None:
        if type_.nullable:
            return None
        raise RefusalError(f'None is not a {type_}; if it may be missing, write {type_} | None')
    match type_.detail:
        case JsonObject() as schema:
            return _fit_object(value, type_, schema, more_keys)
        case JsonList() as schema:
            return _fit_list(value, type_, schema, more_keys)
    return _fit_leaf(value, type_)


def _fit_object(value: Any, type_: ColumnType, schema: JsonObject, more_keys: bool) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RefusalError(f'a {type(value).__name__} is not a {type_}; give a dict')
    unknown = () if more_keys else value.keys() - dict(schema.fields).keys()
    if unknown:
        name = next(each for each in value if each in unknown)
        hint = did_you_mean(str(name), [each for each, _ in schema.fields])
        raise RefusalError(f'{type_} has no key {name!r}.{hint}'.rstrip('.'))
    result = dict(value)
    for name, field in schema.fields:
        if name not in value:
            if name in schema.optional or field.nullable:
                continue
            raise RefusalError(f'the key {name!r} is missing; {type_} requires it')
        if value[name] is None and name in schema.optional:
            continue
        try:
            result[name] = _fit(value[name], field, more_keys)
        except RefusalError as refusal:
            raise refusal.within(f'.{name}') from refusal
    return result


def _fit_list(value: Any, type_: ColumnType, schema: JsonList, more_keys: bool) -> list[Any]:
    if hasattr(value, 'dtype'):
        value = value.tolist()
    if not isinstance(value, list):
        raise RefusalError(f'a {type(value).__name__} is not a {type_}; give a list')
    head = len(schema.head)
    if len(value) < head or (schema.rest is None and len(value) > head):
        raise RefusalError(
            f'{type_} has {"exactly" if schema.rest is None else "at least"} {head} items, not {len(value)}'
        )
    result: list[Any] = []
    for index, item in enumerate(value):
        expected = schema.head[index] if index < head else schema.rest
        try:
            result.append(item if expected is None else _fit(item, expected, more_keys))
        except RefusalError as refusal:
            raise refusal.within(f'[{index}]') from refusal
    return result


def _fit_leaf(value: Any, type_: ColumnType) -> Any:
    kind = type_.kind
    if kind is Kind.JSON or type(value) is EXACT.get(kind):
        return value
    try:
        if kind is Kind.ARRAY:
            return to_array(value, type_.array)
        if kind is Kind.BINARY and isinstance(value, bytes):
            return value
        if kind is Kind.IMAGE and is_image(value):
            return value
        if kind in _ISO and isinstance(value, str):
            scalars.ACCEPT[kind](value, datetime.UTC)
            return value
        if kind in MEDIA_KINDS or kind in (Kind.STRING, Kind.INT, Kind.FLOAT, Kind.BOOL):
            return scalars.ACCEPT[kind](value, datetime.UTC)
    except RefusalError as refusal:
        raise RefusalError(f'{value!r:.80} is not a {type_}: {refusal.reason}') from refusal
    raise RefusalError(f'{value!r:.80} is not a {type_}')
