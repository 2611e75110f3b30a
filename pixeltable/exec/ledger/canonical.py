"""Argument values as bytes: equal for values that a function cannot tell apart, different for all others, the same everywhere.

The bytes of a value say where they end, so that those of several values may stand in a row. What is long is replaced by its
digest: a constant is read once, however many calls get it. Numbers keep their Python type, as functions may look at it.
"""

from __future__ import annotations

import datetime
import math
import struct
import sys
import uuid
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any

import numpy as np

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types.scalars import plain

_SHORT = 64
_LENGTHS = [bytes([length]) for length in range(_SHORT + 1)]
_TEXT = [b's' + length for length in _LENGTHS]
_float = struct.Struct('<d').pack
_NAN = b'f' + _float(math.nan)


def canonical(value: Any) -> bytes:
    """The bytes of `value`.

    Raises:
        RequestError: TYPE_MISMATCH for an object that has no such bytes.
    """
    encode = _ENCODERS.get(type(value))
    return encode(value) if encode is not None else _other(value)


def text(value: str) -> bytes:
    """The bytes of a str."""
    data = value.encode('utf-8', 'surrogatepass')
    length = len(data)
    return _TEXT[length] + data if length <= _SHORT else _digested(b'S', data)


def _digested(tag: bytes, data: Any) -> bytes:
    return tag + blake2b(data, digest_size=32).digest()


def _delimited(tag: bytes, data: bytes) -> bytes:
    """`tag` is a lower-case letter; the upper-case one marks a digest."""
    return tag + _LENGTHS[len(data)] + data if len(data) <= _SHORT else _digested(tag.upper(), data)


def _integer(value: int) -> bytes:
    return b'i%x;' % value


def _number(value: float) -> bytes:
    return b'f' + _float(value) if value == value else _NAN


def _items(tag: bytes, items: Iterable[bytes]) -> bytes:
    return _delimited(tag, b''.join(items))


def _timestamp(value: datetime.datetime) -> bytes:
    """The moment and how the function sees it: arithmetic on local times depends on the rules of the zone."""
    zone = '' if value.tzinfo is None else str(value.tzinfo)
    return b'm' + text(value.isoformat()) + text(zone)


def _array(value: np.ndarray[Any, Any]) -> bytes:
    if value.dtype.kind in 'OT':
        return b'o' + canonical(list(value.shape)) + canonical(value.ravel().tolist())
    value = value.astype(value.dtype.newbyteorder('<'), copy=False)
    return b'a' + text(value.dtype.str) + canonical(list(value.shape)) + _delimited(b'b', value.tobytes())


def _image(value: Any) -> bytes:
    """Pixels and what gives them meaning; not the file that they come from, nor its other contents."""
    palette = value.getpalette() if value.mode in ('P', 'PA') else None
    known = [value.mode, *value.size, palette, value.info.get('transparency')]
    return b'g' + canonical(known) + _digested(b'B', value.tobytes())


def _other(value: Any) -> bytes:
    """What is rare: subclasses and NumPy's scalars count as what they hold."""
    images = sys.modules.get('PIL.Image')
    if images is not None and isinstance(value, images.Image):
        return _image(value)
    held = plain(value)
    for base, encode in _ENCODERS.items():
        if isinstance(held, base):
            return encode(held)
    raise RequestError(
        ErrorCode.TYPE_MISMATCH,
        f'results for an argument of type {type(value).__module__}.{type(value).__qualname__} cannot be kept in the ledger: give '
        'the function text, numbers, bytes, times, lists, dicts, arrays or images, or declare it with cache=False.',
    )


_ENCODERS: dict[type, Callable[[Any], bytes]] = {
    str: text,
    bool: lambda value: b'1' if value else b'0',
    int: _integer,
    float: _number,
    type(None): lambda value: b'n',
    bytes: lambda value: _delimited(b'b', value),
    bytearray: lambda value: _delimited(b'b', bytes(value)),
    memoryview: lambda value: _delimited(b'b', bytes(value)),
    list: lambda value: _items(b'l', map(canonical, value)),
    tuple: lambda value: _items(b't', map(canonical, value)),
    dict: lambda value: _items(b'd', sorted(canonical(key) + canonical(item) for key, item in value.items())),
    datetime.datetime: _timestamp,
    datetime.date: lambda value: b'y' + text(value.isoformat()),
    uuid.UUID: lambda value: b'u' + value.bytes,
    np.ndarray: _array,
}
