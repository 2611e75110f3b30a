"""The error of an operation that one failing cell stops."""

from __future__ import annotations

from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.vectors import CellError

_SHOWN = 80


def cell_failure(error: CellError, what: str, given: str = '') -> RequestError:
    """The error of an operation that one failing call stops; `given` says what the call was given."""
    return RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'{what} failed: {error.errortype}: {error.errormsg}{given}',
        detail=error.stack,
    )


def shown(value: Any) -> str:
    """A value in a message: on one line, and not all of a long one."""
    text = ' '.join(repr(value[:_SHOWN] if isinstance(value, (str, bytes)) else value).split())
    return text if len(text) <= _SHOWN else f'{text[:_SHOWN]}…'
