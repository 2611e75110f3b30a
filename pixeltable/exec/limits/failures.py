"""What a failed call means: whether it may pass if it is tried again, and when.

Client libraries are not imported here, as most are not installed: their errors are known by what they tell of an answer
(`udf.answers`) and, where nothing was answered, by the names of their classes.
"""

from __future__ import annotations

import enum
import json
import socket
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pixeltable.errors import Error, ErrorCode
from pixeltable.udf import limit_headers as header_fields
from pixeltable.udf.answers import answer, attribute


class FailureKind(enum.StrEnum):
    TRANSIENT = 'transient'
    RATE_LIMITED = 'rate_limited'
    PERMANENT = 'permanent'
    PROGRAMMING = 'programming'


@dataclass(frozen=True, slots=True)
class Failure:
    """What an error means.

    Attributes:
        kind: transient failures may pass by themselves, rate limits after a wait; a permanent one is a provider's answer that
            stays the same (wrong request or credentials); all others are programming errors.
        status: the HTTP status of the answer, if there was one.
        retry_after: seconds to wait that the provider asked for.
        headers: the headers of the answer, with names in lower case.
    """

    kind: FailureKind
    status: int | None = None
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_pass(self) -> bool:
        """True if the same call may succeed later."""
        return self.kind in (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED)


_PASSING_STATUSES = {408, 409, *range(500, 600)} - {501, 505}

# Where no answer came, or half of one: httpx, OpenAI and Anthropic, requests, urllib3, aiohttp, botocore, http.client, asyncio.
_UNANSWERED = {
    'TransportError', 'DecodingError',
    'APIConnectionError', 'APIResponseValidationError',
    'ConnectionError', 'Timeout', 'ChunkedEncodingError', 'ContentDecodingError',
    'ProtocolError',
    'ClientConnectionError', 'ClientPayloadError',
    'HTTPClientError',
    'IncompleteRead', 'IncompleteReadError',
}  # fmt: skip
_NEVER_SENT = {'UnsupportedProtocol', 'LocalProtocolError', 'MissingSchema', 'InvalidSchema', 'InvalidURL'}
_CLIENTS = {'httpx', 'httpcore', 'requests', 'urllib3', 'aiohttp', 'http', 'openai', 'anthropic'}


def classify(error: BaseException) -> Failure:
    """What `error`, which a user function raised, means."""
    if isinstance(error, Error):
        return _of_ours(error)
    told = answer(error)
    status, headers = told.status, told.headers
    names = {ancestor.__name__ for ancestor in type(error).__mro__}
    wait = header_fields.retry_after(headers)
    if told.lacks_money:
        return Failure(FailureKind.PERMANENT, status, None, headers)
    if status == 429 or (status is None and 'RateLimitError' in names):
        wait = header_fields.reset_after(headers) if wait is None else wait
        return Failure(FailureKind.RATE_LIMITED, status, wait, headers)
    if status is not None:
        kind = FailureKind.TRANSIENT if status in _PASSING_STATUSES else FailureKind.PERMANENT
        return Failure(kind, status, wait, headers)
    if _is_unanswered(error, names) or _is_broken_answer(error):
        return Failure(FailureKind.TRANSIENT, None, wait, headers)
    return Failure(FailureKind.PROGRAMMING)


def is_unreadable(error: BaseException) -> bool:
    """True if something was read that is no JSON or no text."""
    return isinstance(error, json.JSONDecodeError | UnicodeDecodeError | zlib.error)


def _of_ours(error: Error) -> Failure:
    if error.error_code is ErrorCode.RATE_LIMITED:
        return Failure(FailureKind.RATE_LIMITED, 429, error.retry_after)
    status = getattr(error, 'provider_http_status_code', None)
    if error.is_retryable:
        return Failure(FailureKind.TRANSIENT, status, error.retry_after)
    if error.error_code // 1000 in (4, 5):  # credentials, or what a provider has refused
        return Failure(FailureKind.PERMANENT, status)
    return Failure(FailureKind.PROGRAMMING)


def _is_unanswered(error: BaseException, names: set[str]) -> bool:
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror):
        return True
    if names & _NEVER_SENT:
        return False
    reason = attribute(error, 'reason')  # urllib's URLError
    return bool(names & _UNANSWERED) or (isinstance(reason, OSError) and classify(reason).may_pass)


def _is_broken_answer(error: BaseException) -> bool:
    """True for text that a client library could not read. The same error in the function's own parsing is the function's."""
    traceback = error.__traceback__ if is_unreadable(error) else None
    while traceback is not None:
        if traceback.tb_frame.f_globals.get('__name__', '').partition('.')[0] in _CLIENTS:
            return True
        traceback = traceback.tb_next
    return False
