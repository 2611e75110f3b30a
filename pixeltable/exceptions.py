"""What programs import to catch errors: `from pixeltable import exceptions as excs`. The same names are in `pixeltable`."""

from __future__ import annotations

from pixeltable.errors import (
    AlreadyExistsError,
    AuthorizationError,
    ConcurrencyError,
    Error,
    ErrorCode,
    ExternalServiceError,
    InternalError,
    NotFoundError,
    PixeltableDeprecationWarning,
    PixeltableWarning,
    RequestError,
    ServiceUnavailableError,
    UserError,
)

__all__ = [
    'AlreadyExistsError',
    'AuthorizationError',
    'ConcurrencyError',
    'Error',
    'ErrorCode',
    'ExternalServiceError',
    'InternalError',
    'NotFoundError',
    'PixeltableDeprecationWarning',
    'PixeltableWarning',
    'RequestError',
    'ServiceUnavailableError',
    'UserError',
]
