"""Values and numbers in sentences."""

from __future__ import annotations

import reprlib
from typing import Any

_LENGTH = 80
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 2 * _LENGTH  # what is cut, is cut at its end
_REPR.maxlist = _REPR.maxtuple = _REPR.maxdict = 20


def counted(number: float, noun: str) -> str:
    """`'1 row'`, `'2,000 rows'`."""
    return f'{number:,} {noun}{"" if number == 1 else "s"}'


def shown(value: Any) -> str:
    """A value in a message: on one line, and not all of a long one."""
    try:
        text = ' '.join(_REPR.repr(value[:_LENGTH] if isinstance(value, (str, bytes)) else value).split())
    except ValueError:  # Python does not print numbers of thousands of digits
        return f'a {type(value).__name__}'
    return text if len(text) <= _LENGTH else f'{text[:_LENGTH]}…'
