"""Arrays, bytes and images inside Json values.

In the stored text each is an object whose key `$pxt` says what it is: `{"$pxt": "bytes", "data": "<base64>"}`. Arrays also have
`dtype` and `shape`; images are PNG, or TIFF where PNG has no such mode. Other objects may not have that key.
"""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from pixeltable.types.array_values import to_array
from pixeltable.types.column_type import ArrayShape
from pixeltable.types.pictures import LOSSLESS, image_in, is_image, lossless_file, lossless_format
from pixeltable.types.refusal import RefusalError

KEY = '$pxt'
MARK = f'"{KEY}"'
"""Stands in the text of every Json value that holds such an object."""


def canonical(value: Any) -> Any:
    """`value` as it is kept inside Json, if it is an array, bytes or an image; else None."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, np.ndarray):
        return to_array(value, ArrayShape())
    if not is_image(value):
        return None
    if value.mode not in LOSSLESS:
        raise RefusalError(f"no lossless file format has images of mode {value.mode}; image.convert('RGB') makes one")
    if 0 in value.size:
        raise RefusalError(f'an image of {value.size} pixels cannot be stored: it is empty')
    try:
        value.load()
    except Exception as error:  # of a file of any content
        raise RefusalError(f'the image cannot be read: {error}') from error
    return value


def encode(value: Any) -> dict[str, Any]:
    """The object that stands for a canonical value; what `json` calls for it."""
    if isinstance(value, np.ndarray):
        dtype = value.dtype.str if value.dtype.kind == 'U' else value.dtype.name
        return {KEY: 'array', 'dtype': dtype, 'shape': list(value.shape), 'data': _text(value.tobytes())}
    if isinstance(value, bytes):
        return {KEY: 'bytes', 'data': _text(value)}
    if is_image(value):
        return {KEY: 'image', 'data': _text(lossless_file(value))}
    raise TypeError(f'Object of type {type(value).__name__} is not JSON serializable')


def decode(document: dict[str, Any]) -> Any:
    """The value that an object stands for; other objects as they are. Called by `json` for each object."""
    match document:
        case {'$pxt': 'array', 'dtype': dtype, 'shape': shape, 'data': data}:
            return np.ndarray(shape, dtype, buffer=bytearray(base64.b64decode(data)))
        case {'$pxt': 'bytes', 'data': data}:
            return base64.b64decode(data)
        case {'$pxt': 'image', 'data': data}:
            return image_in(base64.b64decode(data))
    return document


def of_object(document: dict[str, Any]) -> Any:
    """What a user's object with the key `$pxt` stands for.

    Raises:
        RefusalError: it stands for nothing.
    """
    try:
        value = decode(document)
    except Exception as error:  # wrong base64, shape, image
        raise RefusalError(f'its {KEY!r} object cannot be read ({error})') from error
    if value is document:
        raise RefusalError(f'the key {KEY!r} is reserved for arrays, bytes and images')
    return value


def readable(value: Any) -> Any:
    """An array as a list, bytes as base64, an image as a `data:` URL: for text that people or models read."""
    if isinstance(value, np.ndarray):
        return array_items(value)
    if isinstance(value, bytes):
        return _text(value)
    if is_image(value):
        return f'data:image/{lossless_format(value)};base64,{_text(lossless_file(value))}'
    raise TypeError(f'Object of type {type(value).__name__} is not JSON serializable')


def array_items(value: np.ndarray[Any, Any]) -> Any:
    """The items as nested lists; NaN and the infinities as text."""
    items = value.tolist()
    return items if value.dtype.kind != 'f' or np.isfinite(value).all() else _printable(items)


def _printable(value: Any) -> Any:
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return number(value) if isinstance(value, float) else value


def number(value: float) -> float | str:
    """A float as JSON has it: those that it has not, as text."""
    if math.isfinite(value):
        return value
    return 'NaN' if math.isnan(value) else 'Infinity' if value > 0 else '-Infinity'


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode('ascii')
