"""Turns the errors of client packages into ours. The packages are not imported here: their errors share attributes and names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixeltable._support.secrets import redacted
from pixeltable.errors import ErrorCode, ExternalServiceError
from pixeltable.udf.limit_headers import lowered, reset_after, retry_after
from pixeltable.udf.reporting import report_usage

_OF_STATUS = {
    401: ErrorCode.PROVIDER_AUTH_ERROR,
    403: ErrorCode.PROVIDER_AUTH_ERROR,
    408: ErrorCode.PROVIDER_TIMEOUT,
    409: ErrorCode.PROVIDER_ERROR,  # a conflict with another call, which passes
    429: ErrorCode.RATE_LIMITED,
    503: ErrorCode.PROVIDER_OVERLOADED,
    504: ErrorCode.PROVIDER_TIMEOUT,
    529: ErrorCode.PROVIDER_OVERLOADED,
}
_NO_MONEY = 'insufficient_quota'  # comes as status 429, and does not pass
_LONGEST_TEXT = 500


class _Response:
    def __init__(self, meta: Mapping[str, Any], error: Mapping[str, Any]) -> None:
        self.status_code, self.headers, self.code = (
            meta.get('HTTPStatusCode'),
            meta.get('HTTPHeaders'),
            error.get('Code'),
        )


def translated(provider: str, error: Exception, credential: str | None = None) -> ExternalServiceError:
    """The error of a client package as one of ours, without the credential. What its headers say about limits is reported."""
    response = getattr(error, 'response', None)
    if isinstance(response, Mapping):  # that of AWS
        response = _Response(response.get('ResponseMetadata') or {}, response.get('Error') or {})
    headers = lowered(getattr(response, 'headers', None))
    if headers:
        report_usage(headers=headers)
    status = _status(response, error)
    names = {ancestor.__name__ for ancestor in type(error).__mro__}
    own_code = _own_code(error) or getattr(response, 'code', None)
    if 'ParamValidationError' in names:  # botocore's: the request was not sent
        code = ErrorCode.PROVIDER_BAD_REQUEST
    elif status is None:
        late = isinstance(error, TimeoutError) or any('Timeout' in name for name in names)
        code = ErrorCode.PROVIDER_TIMEOUT if late else ErrorCode.PROVIDER_ERROR
    elif own_code == _NO_MONEY:
        code = ErrorCode.PROVIDER_BAD_REQUEST
    else:
        code = _OF_STATUS.get(status, ErrorCode.PROVIDER_BAD_REQUEST if status < 500 else ErrorCode.PROVIDER_ERROR)
    wait = retry_after(headers)
    if wait is None and code is ErrorCode.RATE_LIMITED:
        wait = _asked_in_body(error)
        wait = reset_after(headers) if wait is None else wait
    answer = (
        f'answered with status {status}' if status is not None else 'could not be reached, or its answer not be read'
    )
    text = redacted(str(error).replace(credential, '***') if credential else str(error))[:_LONGEST_TEXT]
    found = ExternalServiceError(code, f'{provider} {answer}: {type(error).__name__}: {text}', retry_after=wait)
    return found.of(provider, status, own_code)


def unreadable(provider: str, reason: str) -> ExternalServiceError:
    """An answer of status 200 that is not what it should be; another attempt may get a better one."""
    return ExternalServiceError(
        ErrorCode.PROVIDER_ERROR, f'{provider} gave an answer that cannot be read: {reason}.'
    ).of(provider, 200)


def _status(response: Any, error: Exception) -> int | None:
    places = (getattr(response, 'status_code', None), getattr(error, 'status_code', None), getattr(error, 'code', None))
    return next((place for place in places if isinstance(place, int) and 400 <= place < 600), None)


def _own_code(error: Exception) -> str | None:
    """What the provider calls the error: OpenAI's `code` or `type`, Google's `status`, Anthropic's `error.type`."""
    body = getattr(error, 'body', None)
    inner = body.get('error', body) if isinstance(body, Mapping) else {}
    places = [getattr(error, name, None) for name in ('code', 'type', 'status')]
    places += [inner.get(name) for name in ('code', 'type')] if isinstance(inner, Mapping) else []
    return next((place for place in places if isinstance(place, str) and place), None)


def _asked_in_body(error: Exception) -> float | None:
    """The seconds of Google's `RetryInfo`, which stands in the body: `{'error': {'details': [{'retryDelay': '3s'}]}}`."""
    body = getattr(error, 'details', None)
    inner = body.get('error') if isinstance(body, Mapping) else None
    details = inner.get('details') if isinstance(inner, Mapping) else None
    for detail in details if isinstance(details, list) else []:
        delay = str(detail.get('retryDelay', '')) if isinstance(detail, Mapping) else ''
        if delay.endswith('s') and delay[:-1].replace('.', '', 1).isdigit():
            return float(delay[:-1])
    return None
