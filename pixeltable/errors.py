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

from typing import Any

from pixeltable._support.error_codes import HTTP_STATUS, HTTP_STATUS_OF_CLASS, RETRYABLE
from pixeltable._support.error_codes import ErrorCode as ErrorCode


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
        return HTTP_STATUS.get(self.error_code, HTTP_STATUS_OF_CLASS[self.error_code // 1000])

    @property
    def is_retryable(self) -> bool:
        """True if the same request may succeed later."""
        return self.error_code in RETRYABLE

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
        more = {name: data[name] for name in _PROVIDER if name in data}
        kept = {'retry_after': data.get('retry_after'), 'detail': data.get('detail')}
        return error_class(code)(code, data['message'], **kept, **more)

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
    """Raised for `t.unknown`: also an AttributeError, so that `hasattr` and `getattr` with a default work as usual."""


class MissingFileError(NotFoundError, FileNotFoundError):
    """Raised for a source file that does not exist: also a FileNotFoundError."""


class AuthorizationError(Error):
    """Raised when credentials are missing or do not suffice."""


_PROVIDER = ('provider', 'provider_http_status_code', 'provider_error_code')


class ExternalServiceError(Error):
    """Raised when a model provider or another remote service fails.

    Attributes:
        provider: its name, such as `'openai'`; None if it is not known, like the rest.
        provider_http_status_code: what it answered with.
        provider_error_code: its own word for the error.
    """

    def __init__(
        self,
        error_code: ErrorCode,
        message: str,
        *,
        retry_after: float | None = None,
        detail: str | None = None,
        provider: str | None = None,
        provider_http_status_code: int | None = None,
        provider_error_code: str | None = None,
    ) -> None:
        super().__init__(error_code, message, retry_after=retry_after, detail=detail)
        self.provider = provider
        self.provider_http_status_code = provider_http_status_code
        self.provider_error_code = provider_error_code

    def to_dict(self) -> dict[str, Any]:
        """The error as plain JSON-able data, with what is known of the provider."""
        return super().to_dict() | {name: getattr(self, name) for name in _PROVIDER}


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
