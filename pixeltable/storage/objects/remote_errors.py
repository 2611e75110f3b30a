"""The one place where errors of obstore become ours.

obstore has classes for a missing object and for a refusal, and one for all else, whose text quotes the answer. There is no secret
in it: obstore leaves out addresses that are signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from pixeltable.errors import (
    AuthorizationError,
    Error,
    ErrorCode,
    NotFoundError,
    RequestError,
    ServiceUnavailableError,
)
from pixeltable.storage.objects import MISSING_REMEDY

_NO_BUCKET = ('NoSuchBucket', 'ContainerNotFound', 'specified container does not exist')
_NO_CREDENTIALS = ('/latest/api/token', '/latest/meta-data', 'token request', '/metadata/identity')
_REFUSED = ('ExpiredToken', 'InvalidToken', 'TokenRefreshRequired')  # S3 answers 400 to these


@contextmanager
def translated(verb: str, key: str, root: str) -> Iterator[None]:
    """Raises what `verb` on `key` below `root` met as one of our errors."""
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        raise _ours(error, verb, key, root) from error
    except ValueError as error:
        raise RequestError(ErrorCode.INVALID_PATH, f'{key!r} is not a key: {error}') from error


def is_bucket_missing(error: Exception) -> bool:
    return any(sign in str(error) for sign in _NO_BUCKET)


def is_past_the_end(error: Exception) -> bool:
    """Whether a range was asked for that begins where the object has ended."""
    return _answer(error)[0] == 416 or 'Wanted range starting at' in str(error)


def _ours(error: Exception, verb: str, key: str, root: str) -> Error:
    status, answer = _answer(error)
    failed = f'could not {verb} {key!r} in {root!r}'
    if is_bucket_missing(error):
        return RequestError(
            ErrorCode.INVALID_CONFIGURATION, f'{failed}: there is no such bucket; create it, or name another'
        )
    if isinstance(error, FileNotFoundError) and verb == 'read':
        return NotFoundError(ErrorCode.STORAGE_NOT_FOUND, f'file {key!r} does not exist in {root!r}; {MISSING_REMEDY}')
    if any(sign in str(error) for sign in _NO_CREDENTIALS):
        return AuthorizationError(
            ErrorCode.MISSING_CREDENTIALS,
            f'{failed}: the environment has no credentials for it, and no metadata server gave any; '
            'see the variables of AWS, Google or Azure in the guide to storage',
        )
    is_refused = isinstance(error, (PermissionDeniedError, UnauthenticatedError)) or status in (401, 403)
    if is_refused or any(sign in str(error) for sign in _REFUSED):
        return AuthorizationError(
            ErrorCode.INSUFFICIENT_PRIVILEGES, f'{failed}: {answer}; check the credentials and what they permit'
        )
    if status is None or status >= 500 or status in (408, 429):
        return ServiceUnavailableError(ErrorCode.STORE_UNAVAILABLE, f'{failed}: {answer}')
    return RequestError(ErrorCode.INVALID_CONFIGURATION, f'{failed}: {answer}; check the region and the endpoint')


def _answer(error: Exception) -> tuple[int | None, str]:
    """The status of the server's answer, if one came, and the answer in words."""
    text = str(error)
    status = re.search(r'status code: (\d+)([ \w]*)', text)
    if status is None:
        return None, 'no answer came from the server'
    code = re.search(r'<Code>(\w+)</Code>', text)
    reason = f' ({code[1]})' if code else ''
    return int(status[1]), f'the server answered {status[1]}{status[2].rstrip()}{reason}'
