"""Stored values as plain Json, for what leaves the system as text. What Json lacks becomes text or lists; nothing is refused."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from pixeltable.types.arrow import decode
from pixeltable.types.column_type import ColumnType, Kind
from pixeltable.types.json_objects import array_items, number


def plain(array: pa.Array | pa.ChunkedArray, type_: ColumnType, zone: datetime.tzinfo) -> list[Any]:
    """The values of `array` as Json; None for NULL.

    Timestamps (in `zone`) and dates are ISO 8601 text, UUIDs text, bytes base64 text, arrays nested lists, media URLs. NaN and
    the infinities are `'NaN'`, `'Infinity'` and `'-Infinity'`.
    """
    values = decode(array, type_, zone)
    convert = _CONVERT.get(type_.kind)
    return values if convert is None else [None if value is None else convert(value) for value in values]


_CONVERT: dict[Kind, Callable[[Any], Any]] = {
    Kind.FLOAT: number,
    Kind.TIMESTAMP: datetime.datetime.isoformat,
    Kind.DATE: datetime.date.isoformat,
    Kind.UUID: str,
    Kind.BINARY: lambda value: base64.b64encode(value).decode('ascii'),
    Kind.ARRAY: array_items,
}
