"""Stored values as plain Json, for what leaves the system as text. What Json lacks becomes text or lists; nothing is refused."""

from __future__ import annotations

import base64
import datetime
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable.types.arrow import decode
from pixeltable.types.column_type import ColumnType, Kind


def plain(array: pa.Array | pa.ChunkedArray, type_: ColumnType, zone: datetime.tzinfo) -> list[Any]:
    """The values of `array` as Json; None for NULL.

    Timestamps (in `zone`) and dates are ISO 8601 text, UUIDs text, bytes base64 text, arrays nested lists, media URLs. NaN and
    the infinities are `'NaN'`, `'Infinity'` and `'-Infinity'`.
    """
    values = decode(array, type_, zone)
    convert = _CONVERT.get(type_.kind)
    return values if convert is None else [None if value is None else convert(value) for value in values]


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return 'NaN' if math.isnan(value) else 'Infinity' if value > 0 else '-Infinity'


def _items(value: Any) -> Any:
    if isinstance(value, list):
        return [_items(item) for item in value]
    return _number(value) if isinstance(value, float) else value


def _array(value: np.ndarray[Any, Any]) -> Any:
    items = value.tolist()
    return items if value.dtype.kind != 'f' or np.isfinite(value).all() else _items(items)


_CONVERT: dict[Kind, Callable[[Any], Any]] = {
    Kind.FLOAT: _number,
    Kind.TIMESTAMP: datetime.datetime.isoformat,
    Kind.DATE: datetime.date.isoformat,
    Kind.UUID: str,
    Kind.BINARY: lambda value: base64.b64encode(value).decode('ascii'),
    Kind.ARRAY: _array,
}
