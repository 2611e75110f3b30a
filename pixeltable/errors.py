"""Every error that a user can meet, and the code that names it.

    Error
    ├── InternalError            a defect of ours
    ├── UserError                an error raised by the user's own code, passed through
    ├── NotFoundError            a name, row or file that does not exist
    ├── AlreadyExistsError       a name that is taken
    ├── RequestError             a request that cannot be carried out as it stands
    ├── AuthorizationError       missing credentials or rights
    ├── ExternalServiceError     a provider failed
    ├── ServiceUnavailableError  the catalog database or an object store cannot be reached
    └── ConcurrencyError         another writer won, and retrying did not help

A class covers one thousand of code numbers, so `code // 1000` decides it. Foreign exceptions are translated where the foreign
library is called; nothing above that line sees them. A message says what failed, which value, and what to do.
"""

from __future__ import annotations

import enum
from typing import Any


class ErrorCode(enum.IntEnum):
    INTERNAL_ERROR = 0
    GENERIC_USER_ERROR = 1

    COLUMN_NOT_FOUND = 1000
    PATH_NOT_FOUND = 1001
    TABLE_NOT_FOUND = 1002
    DIRECTORY_NOT_FOUND = 1003
    INDEX_NOT_FOUND = 1004
    FUNCTION_NOT_FOUND = 1005
    ROW_NOT_FOUND = 1006
    STORAGE_NOT_FOUND = 1007
    SERVICE_NOT_FOUND = 1008
    DEPLOYMENT_NOT_FOUND = 1009
    JOB_NOT_FOUND = 1010

    COLUMN_ALREADY_EXISTS = 2000
    PATH_ALREADY_EXISTS = 2001
    INDEX_ALREADY_EXISTS = 2002
    FUNCTION_ALREADY_EXISTS = 2003

    INVALID_COLUMN_NAME = 3000
    INVALID_PATH = 3001
    INVALID_EXPRESSION = 3002
    INVALID_TYPE = 3003
    INVALID_SCHEMA = 3004
    INVALID_ARGUMENT = 3005
    INVALID_DATA_FORMAT = 3006
    MISSING_REQUIRED = 3007
    TYPE_MISMATCH = 3008
    CONSTRAINT_VIOLATION = 3009
    UNSUPPORTED_OPERATION = 3010
    INVALID_STATE = 3011
    INVALID_CONFIGURATION = 3013
    NOT_BOUND = 3014
    ALREADY_BOUND = 3015
    SCHEMA_MISMATCH = 3016
    FILE_CACHE_FULL = 3017
    DESTRUCTIVE_SCHEMA_CHANGE = 3018
    BUDGET_EXCEEDED = 3019

    INSUFFICIENT_PRIVILEGES = 4000
    MISSING_CREDENTIALS = 4001

    PROVIDER_ERROR = 5000
    RATE_LIMITED = 5001
    PROVIDER_AUTH_ERROR = 5002
    PROVIDER_BAD_REQUEST = 5003
    PROVIDER_TIMEOUT = 5004
    PROVIDER_OVERLOADED = 5005

    DATABASE_UNAVAILABLE = 6000
    STORE_UNAVAILABLE = 6001

    SERIALIZATION_FAILURE = 7000
    CONCURRENT_MODIFICATION = 7001


_HTTP_STATUS = {  # where it is not that of the class
    ErrorCode.GENERIC_USER_ERROR: 400,
    ErrorCode.UNSUPPORTED_OPERATION: 400,
    ErrorCode.INVALID_STATE: 400,
    ErrorCode.ALREADY_BOUND: 400,
    ErrorCode.FILE_CACHE_FULL: 507,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.PROVIDER_AUTH_ERROR: 401,
    ErrorCode.PROVIDER_BAD_REQUEST: 400,
    ErrorCode.PROVIDER_TIMEOUT: 504,
    ErrorCode.PROVIDER_OVERLOADED: 503,
}
_HTTP_STATUS_OF_CLASS = {0: 500, 1: 404, 2: 409, 3: 422, 4: 403, 5: 502, 6: 503, 7: 409}
_RETRYABLE = {
    ErrorCode.PROVIDER_ERROR,
    ErrorCode.RATE_LIMITED,
    ErrorCode.PROVIDER_TIMEOUT,
    ErrorCode.PROVIDER_OVERLOADED,
    ErrorCode.DATABASE_UNAVAILABLE,
    ErrorCode.STORE_UNAVAILABLE,
    ErrorCode.SERIALIZATION_FAILURE,
    ErrorCode.CONCURRENT_MODIFICATION,
}


class Error(Exception):
    """Base of every error that Pixeltable raises on purpose.

    Attributes:
        error_code: the `ErrorCode`; stable, for programs to branch on.
        message: the text, for people.
        retry_after: seconds to wait before a retry, where a provider said so.
        detail: more text, such as the stack of a failing user function.
    """

    def __init__(
        self, error_code: ErrorCode, message: str, *, retry_after: float | None = None, detail: str | None = None
    ) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.message = message
        self.retry_after = retry_after
        self.detail = detail

    @property
    def http_status(self) -> int:
        """The HTTP status that a server answers with for this error."""
        return _HTTP_STATUS.get(self.error_code, _HTTP_STATUS_OF_CLASS[self.error_code // 1000])

    @property
    def is_retryable(self) -> bool:
        """True if the same request may succeed later."""
        return self.error_code in _RETRYABLE

    def to_dict(self) -> dict[str, Any]:
        """The error as plain JSON-able data."""
        return {
            'error_code': self.error_code.name,
            'message': self.message,
            'retryable': self.is_retryable,
            'retry_after': self.retry_after,
            'detail': self.detail,
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Error:
        """The error that `to_dict` described, as an instance of the class of its code."""
        code = ErrorCode[data['error_code']]
        error = error_class(code)(code, data['message'], retry_after=data.get('retry_after'), detail=data.get('detail'))
        return error.of(*data.get('provider') or [None]) if isinstance(error, ExternalServiceError) else error

    def __reduce__(self) -> tuple[Any, ...]:
        return Error.from_dict, (self.to_dict(),)


class InternalError(Error):
    """A defect of ours: please report it."""


class UserError(Error):
    """Raised for an error of the user's own code that has no better class."""


class NotFoundError(Error):
    """Raised when a column, path, table, directory, index, function, row or file does not exist."""


class AlreadyExistsError(Error):
    """Raised when a name is taken."""


class RequestError(Error):
    """Raised when a request cannot be carried out as it stands: wrong argument, type, expression or state."""


class MissingAttributeError(NotFoundError, RequestError, AttributeError):
    """Raised for `t.unknown` or `t.json.unknown`: also an AttributeError, so that `hasattr` and `getattr` with a default work."""


class MissingFileError(NotFoundError, FileNotFoundError):
    """Raised for a source file that does not exist: also a FileNotFoundError."""


class AuthorizationError(Error):
    """Raised when credentials are missing or do not suffice."""


class ExternalServiceError(Error):
    """Raised when a model provider or another remote service fails.

    It says which provider failed, the HTTP status of its answer, and what it calls the error, as far as they are known.
    """

    provider: str | None = None
    provider_http_status_code: int | None = None
    provider_error_code: str | None = None

    def of(self, provider: str | None, status: int | None = None, code: str | None = None) -> ExternalServiceError:
        """The error, with what is known of its provider."""
        self.provider, self.provider_http_status_code, self.provider_error_code = provider, status, code
        return self

    def to_dict(self) -> dict[str, Any]:
        of = [self.provider, self.provider_http_status_code, self.provider_error_code]
        return {**super().to_dict(), 'provider': of}


class ServiceUnavailableError(Error):
    """Raised when the catalog database or an object store cannot be reached."""


class ConcurrencyError(Error):
    """Raised when another writer changed the same rows or schema, and retries were used up."""


class PixeltableWarning(UserWarning):
    """Something worth knowing that did not stop the operation, such as cells that failed."""


class PixeltableDeprecationWarning(PixeltableWarning, DeprecationWarning):
    """A spelling that still works and should be replaced."""


_CLASSES: dict[int, type[Error]] = {
    1: NotFoundError,
    2: AlreadyExistsError,
    3: RequestError,
    4: AuthorizationError,
    5: ExternalServiceError,
    6: ServiceUnavailableError,
    7: ConcurrencyError,
}


def error_class(code: ErrorCode) -> type[Error]:
    """The class that carries `code`."""
    if code is ErrorCode.INTERNAL_ERROR:
        return InternalError
    if code is ErrorCode.GENERIC_USER_ERROR:
        return UserError
    return _CLASSES[code // 1000]


def did_you_mean(name: str, candidates: list[str]) -> str:
    """` Did you mean 'x'?` for the closest candidate, or an empty string."""
    import difflib

    close = difflib.get_close_matches(name.lower(), candidates, n=1, cutoff=0.6)
    return f' Did you mean {close[0]!r}?' if close else ''
