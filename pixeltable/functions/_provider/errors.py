"""Turns the errors of client packages into ours. The packages are not imported here: their errors share attributes and names."""

from __future__ import annotations

from collections.abc import Mapping

from pixeltable._support.secrets import redacted
from pixeltable.errors import ErrorCode, ExternalServiceError
from pixeltable.udf.answers import answer
from pixeltable.udf.limit_headers import reset_after, retry_after
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
_LONGEST_TEXT = 500


def translated(provider: str, error: Exception, credential: str | None = None) -> ExternalServiceError:
    """The error of a client package as one of ours, without the credential. What its headers say about limits is reported."""
    told = answer(error)
    status, headers = told.status, told.headers
    if headers:
        report_usage(headers=headers)
    names = {ancestor.__name__ for ancestor in type(error).__mro__}
    unsent = 'ParamValidationError' in names or ('ValidationError' in names and not _is_of_answer(error))
    if unsent:  # by botocore, or a client whose requests and answers are Pydantic's
        code = ErrorCode.PROVIDER_BAD_REQUEST
    elif status is None:
        late = isinstance(error, TimeoutError) or any('Timeout' in name for name in names)
        code = ErrorCode.PROVIDER_TIMEOUT if late else ErrorCode.PROVIDER_ERROR
    elif told.lacks_money:
        code = ErrorCode.PROVIDER_BAD_REQUEST
    else:
        code = _OF_STATUS.get(status, ErrorCode.PROVIDER_BAD_REQUEST if status < 500 else ErrorCode.PROVIDER_ERROR)
    wait = retry_after(headers)
    if wait is None and code is ErrorCode.RATE_LIMITED:
        wait = _asked_in_body(error)
        wait = reset_after(headers) if wait is None else wait
    missing = 'was not asked' if unsent else 'could not be reached, or its answer not be read'
    what = missing if status is None else f'answered with status {status}'
    text = redacted(str(error).replace(credential, '***') if credential else str(error))[:_LONGEST_TEXT]
    found = ExternalServiceError(code, f'{provider} {what}: {type(error).__name__}: {text}', retry_after=wait)
    return found.of(provider, status, next(iter(told.names), None))


def unreadable(provider: str, reason: str) -> ExternalServiceError:
    """An answer of status 200 that is not what it should be; another attempt may get a better one."""
    return ExternalServiceError(
        ErrorCode.PROVIDER_ERROR, f'{provider} gave an answer that cannot be read: {reason}.'
    ).of(provider, 200)


def _is_of_answer(error: Exception) -> bool:
    """Whether Pydantic's error is of an answer, whose models are called so; another attempt may get a better one."""
    return str(getattr(error, 'title', '')).endswith('Response')


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
