"""Conversions of `astype`, in Python: a value that does not convert raises, NULL stays NULL.

Numbers and text convert as Python's constructors and `str()` do; times as ISO 8601; Json is parsed from text, and text comes out
of Json as it is, of other Json values as JSON.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

from pixeltable.exec.scalar_comparisons import is_number
from pixeltable.exec.scalar_operations import check_int
from pixeltable.exprs.nodes import Cast
from pixeltable.media.references import of_text, to_reference
from pixeltable.types.array_values import to_array
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind
from pixeltable.types.json_values import dump, to_json
from pixeltable.types.pictures import is_image
from pixeltable.types.refusal import RefusalError

Convert = Callable[[Any], Any]


def cast_function(node: Cast, zone: datetime.tzinfo) -> Convert:
    """The conversion that `node` stands for."""
    source, target = node.arg.type.kind, node.type.kind
    if target is Kind.ARRAY:
        convert: Convert = _to_array(node.type.with_nullable(False))
    elif node.type.is_media and source is not target:
        convert = _to_media(target)
    elif target is Kind.TIMESTAMP and source is not target:
        convert = _to_timestamp(source, zone)
    elif source is Kind.TIMESTAMP and source is not target:
        convert = _of_timestamp(target, zone)
    elif target is Kind.JSON and node.type.detail not in (None, node.arg.type.detail):
        inner = _same if source is target else _CONVERSIONS[source, target]
        convert = _to_schema(inner, node.type.with_nullable(False))
    else:
        convert = _same if source is target else _CONVERSIONS[source, target]
    return lambda value: None if value is None else convert(value)


def _same(value: Any) -> Any:
    return value


def _int(value: Any) -> int:
    return check_int(int(value))


def _bool_of_text(text: str) -> bool:
    found = {'true': True, 'false': False, '1': True, '0': False}.get(text.strip().lower())
    if found is None:
        raise ValueError(f'{text!r:.80} is no Bool: write true or false, or 1 or 0')
    return found


def _json_of_text(text: str) -> Any:
    def refuse(constant: str) -> Any:
        raise ValueError(f'{constant} is not JSON')

    return json.loads(text, parse_constant=refuse)


def _json_of_float(value: float) -> float:
    dump(value)  # raises ValueError for NaN and infinities
    return value


def _text_of_json(value: Any) -> str:
    return value if isinstance(value, str) else dump(value)


def _checked(value: Any, accepted: bool, kind: Kind) -> Any:
    if not accepted:
        raise TypeError(f'{value!r:.80} in Json is not of type {kind}')
    return value


def _int_of_json(value: Any) -> int:
    return check_int(_checked(value, isinstance(value, int) and not isinstance(value, bool), Kind.INT))


def _float_of_json(value: Any) -> float:
    return float(_checked(value, is_number(value), Kind.FLOAT))


def _bool_of_json(value: Any) -> Any:
    return _checked(value, isinstance(value, bool), Kind.BOOL)


def _date_of_json(value: Any) -> datetime.date:
    return datetime.date.fromisoformat(_checked(value, isinstance(value, str), Kind.DATE))


def _uuid_of_json(value: Any) -> uuid.UUID:
    return uuid.UUID(_checked(value, isinstance(value, str), Kind.UUID))


def _to_media(kind: Kind) -> Convert:
    """From a path or a URL, and from an image inside of Json."""

    def convert(value: Any) -> str:
        if kind is Kind.IMAGE and is_image(value):
            return to_reference(value, kind, column='', row=0)
        return of_text(_checked(value, isinstance(value, str), kind))

    return convert


def _to_timestamp(source: Kind, zone: datetime.tzinfo) -> Convert:
    """From text; a date is the midnight at which it begins."""

    def of_text(value: Any) -> datetime.datetime:
        text = _checked(value, isinstance(value, str), Kind.TIMESTAMP)
        return _localized(datetime.datetime.fromisoformat(text), zone)

    def of_date(value: datetime.date) -> datetime.datetime:
        return datetime.datetime.combine(value, datetime.time(), tzinfo=zone)

    return of_date if source is Kind.DATE else of_text


def _of_timestamp(target: Kind, zone: datetime.tzinfo) -> Convert:
    if target is Kind.DATE:
        return lambda value: _localized(value, zone).date()
    return lambda value: _localized(value, zone).isoformat()


def _localized(value: datetime.datetime, zone: datetime.tzinfo) -> datetime.datetime:
    return value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)


def _to_schema(inner: Convert, type_: ColumnType) -> Convert:
    """Json that fits a schema."""

    def checked(value: Any) -> Any:
        try:
            return to_json(inner(value), type_)
        except RefusalError as refusal:
            where = f' at ${refusal.where}' if refusal.where else ''
            raise ValueError(f'{value!r:.80} is no {type_}{where}: {refusal.reason}') from refusal

    return checked


def _to_array(type_: ColumnType) -> Convert:
    """The dtype is converted as NumPy's `astype` does; the shape must be right."""
    declared = type_.array

    def convert(value: Any) -> np.ndarray[Any, Any]:
        array = to_array(value, ArrayShape())
        if declared.dtype is not None:
            array = array.astype('U' if declared.dtype == 'str' else declared.dtype)
        return to_array(array, declared)

    def checked(value: Any) -> np.ndarray[Any, Any]:
        try:
            return convert(value)
        except RefusalError as refusal:
            raise ValueError(f'{value!r:.80} is no {type_}: {refusal.reason}') from refusal

    return checked


_CONVERSIONS: dict[tuple[Kind, Kind], Convert] = {
    (Kind.STRING, Kind.INT): _int,
    (Kind.STRING, Kind.FLOAT): float,
    (Kind.STRING, Kind.BOOL): _bool_of_text,
    (Kind.STRING, Kind.DATE): datetime.date.fromisoformat,
    (Kind.STRING, Kind.UUID): uuid.UUID,
    (Kind.STRING, Kind.JSON): _json_of_text,
    (Kind.STRING, Kind.BINARY): str.encode,
    (Kind.INT, Kind.FLOAT): float,
    (Kind.INT, Kind.BOOL): bool,
    (Kind.INT, Kind.STRING): str,
    (Kind.INT, Kind.JSON): _same,
    (Kind.FLOAT, Kind.INT): _int,
    (Kind.FLOAT, Kind.BOOL): bool,
    (Kind.FLOAT, Kind.STRING): str,
    (Kind.FLOAT, Kind.JSON): _json_of_float,
    (Kind.BOOL, Kind.INT): int,
    (Kind.BOOL, Kind.FLOAT): float,
    (Kind.BOOL, Kind.STRING): str,
    (Kind.BOOL, Kind.JSON): _same,
    (Kind.DATE, Kind.STRING): datetime.date.isoformat,
    (Kind.DATE, Kind.JSON): datetime.date.isoformat,
    (Kind.UUID, Kind.STRING): str,
    (Kind.UUID, Kind.JSON): str,
    (Kind.UUID, Kind.BINARY): lambda value: value.bytes,
    (Kind.BINARY, Kind.STRING): bytes.decode,
    (Kind.BINARY, Kind.JSON): _same,
    (Kind.BINARY, Kind.UUID): lambda value: uuid.UUID(bytes=value),
    (Kind.JSON, Kind.STRING): _text_of_json,
    (Kind.JSON, Kind.INT): _int_of_json,
    (Kind.JSON, Kind.FLOAT): _float_of_json,
    (Kind.JSON, Kind.BOOL): _bool_of_json,
    (Kind.JSON, Kind.DATE): _date_of_json,
    (Kind.JSON, Kind.UUID): _uuid_of_json,
    (Kind.JSON, Kind.BINARY): lambda value: _checked(value, isinstance(value, bytes), Kind.BINARY),
    (Kind.ARRAY, Kind.JSON): np.ndarray.tolist,
}
