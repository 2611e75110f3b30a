"""The error of an operation that one failing cell stops."""

from __future__ import annotations

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.vectors import CellError


def cell_failure(error: CellError, what: str, given: str = '') -> RequestError:
    """The error of an operation that one failing call stops; `given` says what the call was given."""
    return RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'{what} failed: {error.errortype}: {error.errormsg}{given}',
        detail=error.stack,
    )
