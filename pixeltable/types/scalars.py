"""Accepting single values into scalar and media columns: each function gives the canonical value or refuses."""

from __future__ import annotations

import datetime
import enum
import pathlib
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

from pixeltable.types.column_type import MEDIA_KINDS, Kind
from pixeltable.types.refusal import RefusalError

INT_MIN, INT_MAX = -(2**63), 2**63 - 1


def plain(value: Any) -> Any:
    """`value` without the wrappings that do not matter: enum members, NumPy scalars, pandas' missing values."""
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, np.datetime64):
        return value.astype('datetime64[us]').item()
    if isinstance(value, np.generic):
        return value.item()
    if type(value).__name__ in ('NAType', 'NaTType'):
        return None
    return value


def text(value: str) -> str:
    """`value` as an exact `str` that UTF-8 can hold; NUL characters become spaces."""
    value = value.replace('\0', ' ') if '\0' in value else str.__str__(value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise RefusalError(
                f'the character at position {error.start} is half of a surrogate pair, which no text can hold; '
                "repair the text, for example with value.encode('utf-8', 'replace').decode()"
            ) from error
    return value


def to_string(value: Any, zone: datetime.tzinfo) -> str:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, pathlib.PurePath):
        return text(str(value))
    raise RefusalError('give a str; str(value) makes one')


def to_int(value: Any, zone: datetime.tzinfo) -> int:
    if isinstance(value, bool):
        raise RefusalError('a bool is not an Int; int(value) makes it one')
    if isinstance(value, int):
        if INT_MIN <= value <= INT_MAX:
            return int(value)
        raise RefusalError('Int has 64 bits; store larger numbers as pxt.Float or pxt.String')
    if isinstance(value, float):
        raise RefusalError('a float is not an Int; convert it with int(value) or round(value), or use pxt.Float')
    raise RefusalError('give an int')


def to_float(value: Any, zone: datetime.tzinfo) -> float:
    if isinstance(value, bool):
        raise RefusalError('a bool is not a Float; float(value) makes it one')
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError as error:
            raise RefusalError('the number is too large for a Float') from error
    raise RefusalError('give a float or an int')


def to_bool(value: Any, zone: datetime.tzinfo) -> bool:
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise RefusalError('give True or False (or 1 or 0); bool(value) makes one')


def to_timestamp(value: Any, zone: datetime.tzinfo) -> datetime.datetime:
    if isinstance(value, str):
        try:
            value = datetime.datetime.fromisoformat(value)
        except ValueError as error:
            raise RefusalError('text must be an ISO 8601 date and time, such as 2024-05-17T12:30:00+02:00') from error
    if not isinstance(value, datetime.datetime):
        raise RefusalError('give a datetime or ISO 8601 text')
    if type(value) is not datetime.datetime:  # pandas' Timestamp would come back as itself
        parts = (value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
        value = datetime.datetime(*parts, tzinfo=value.tzinfo, fold=value.fold)
    moment: datetime.datetime = value if value.utcoffset() is not None else value.replace(tzinfo=zone)
    try:
        return moment.astimezone(datetime.UTC).astimezone(zone)
    except OverflowError as error:
        raise RefusalError('the time lies outside the years 1 to 9999 in UTC or in the default time zone') from error


def to_date(value: Any, zone: datetime.tzinfo) -> datetime.date:
    if isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError as error:
            raise RefusalError('text must be an ISO 8601 date, such as 2024-05-17') from error
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None and value.time() == datetime.time():
            return value.date()
        raise RefusalError('a datetime has a time of day; value.date() is its date')
    if isinstance(value, datetime.date):
        return datetime.date(value.year, value.month, value.day)
    raise RefusalError('give a date or ISO 8601 text')


def to_uuid(value: Any, zone: datetime.tzinfo) -> uuid.UUID:
    if isinstance(value, uuid.UUID):
        return value
    if not isinstance(value, str):
        raise RefusalError('give a uuid.UUID or its text')
    try:
        return uuid.UUID(value)
    except ValueError as error:
        raise RefusalError('text must be a UUID of 32 hexadecimal digits') from error


def to_binary(value: Any, zone: datetime.tzinfo) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise RefusalError('give bytes; value.encode() makes them from text' if isinstance(value, str) else 'give bytes')


def to_reference(value: Any, zone: datetime.tzinfo) -> str:
    if isinstance(value, (str, pathlib.PurePath)):
        return text(str(value))
    raise RefusalError('give a path or a URL')


Accept = Callable[[Any, datetime.tzinfo], Any]

ACCEPT: dict[Kind, Accept] = {
    Kind.STRING: to_string,
    Kind.INT: to_int,
    Kind.FLOAT: to_float,
    Kind.BOOL: to_bool,
    Kind.TIMESTAMP: to_timestamp,
    Kind.DATE: to_date,
    Kind.UUID: to_uuid,
    Kind.BINARY: to_binary,
    **dict.fromkeys(MEDIA_KINDS, to_reference),
}
