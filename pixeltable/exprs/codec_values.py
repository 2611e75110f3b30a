"""Constants as JSON-able data. What JSON cannot hold is an object whose key says what it is: `{"$date": "2024-05-17"}`."""

from __future__ import annotations

import base64
import datetime
import math
import uuid
import zoneinfo
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types.pictures import image_in, is_image, lossless_file


def encode_value(value: Any) -> Any:
    """A constant as JSON-able data; what JSON cannot hold is tagged."""
    match value:
        case float() if not math.isfinite(value):
            return {'$float': repr(value)}
        case None | bool() | int() | float() | str():
            return value
        case datetime.datetime():
            return _encode_timestamp(value)
        case datetime.date():
            return {'$date': value.isoformat()}
        case uuid.UUID():
            return {'$uuid': str(value)}
        case bytes():
            return {'$bytes': base64.b64encode(value).decode()}
        case list() | tuple():
            return {f'${type(value).__name__}': [encode_value(item) for item in value]}
        case dict():
            return {'$dict': [[key, encode_value(item)] for key, item in value.items()]}
    if hasattr(value, 'dtype') and hasattr(value, 'tobytes'):
        data = base64.b64encode(value.tobytes()).decode()
        return {'$array': data, 'dtype': str(value.dtype), 'shape': list(value.shape)}
    if is_image(value):
        return {'$image': base64.b64encode(lossless_file(value)).decode()}
    raise RequestError(
        ErrorCode.INVALID_ARGUMENT,
        f'{value!r} (a {type(value).__name__}) cannot be stored as part of a computed column; '
        'pass a string, number, bool, date, bytes, array, image, list or dict.',
    )


def _encode_timestamp(value: datetime.datetime) -> dict[str, Any]:
    """With the name of its zone, and which of the two hours it is where a clock is set back: an expression that is read again
    must be the same one, or its column would seem to be out of date."""
    fold = {'fold': value.fold} if value.fold else {}
    key = getattr(value.tzinfo, 'key', None)
    if key is None:
        return {'$timestamp': value.isoformat(), **fold}
    return {'$timestamp': value.replace(tzinfo=None).isoformat(), 'zone': key, **fold}


def decode_value(data: Any) -> Any:
    """The inverse of `encode_value`."""
    match data:
        case {'$float': text}:
            return float(text)
        case {'$timestamp': text}:
            value = datetime.datetime.fromisoformat(text)
            zone = zoneinfo.ZoneInfo(data['zone']) if 'zone' in data else value.tzinfo
            return value.replace(tzinfo=zone, fold=data.get('fold', 0))
        case {'$date': text}:
            return datetime.date.fromisoformat(text)
        case {'$uuid': text}:
            return uuid.UUID(text)
        case {'$bytes': text}:
            return base64.b64decode(text)
        case {'$list': items}:
            return [decode_value(item) for item in items]
        case {'$tuple': items}:
            return tuple(decode_value(item) for item in items)
        case {'$dict': items}:
            return {key: decode_value(item) for key, item in items}
        case {'$image': text}:
            return image_in(base64.b64decode(text))
        case {'$array': text, 'dtype': dtype, 'shape': shape}:
            import numpy as np

            return np.frombuffer(base64.b64decode(text), dtype=dtype).reshape(shape)
        case _:
            return data
