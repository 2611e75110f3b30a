"""The error of an operation that one failing cell stops."""

from __future__ import annotations

from pixeltable.errors import Error, ErrorCode, ExternalServiceError, error_class
from pixeltable.exec.vectors import CellError


def cell_failure(error: CellError, what: str, given: str = '') -> Error:
    """The error of an operation that one failing call stops; `given` says what the call was given.

    An error of ours keeps its code, so that a limit of a provider, say, looks the same as in a function that is called alone.
    """
    cause = error.exception if isinstance(error.exception, Error) else None
    code = ErrorCode.UNSUPPORTED_OPERATION if cause is None else cause.error_code
    message = f'{what} failed: {error.errortype}: {error.errormsg}{given}'
    retry_after = None if cause is None else cause.retry_after
    failure = error_class(code)(code, message, retry_after=retry_after, detail=error.stack)
    if isinstance(cause, ExternalServiceError) and isinstance(failure, ExternalServiceError):
        failure.of(cause.provider, cause.provider_http_status_code, cause.provider_error_code)
    return failure
