from __future__ import annotations

import asyncio
import json
import socket
import urllib.error
from http.client import IncompleteRead, RemoteDisconnected
from types import SimpleNamespace

import httpx
import pytest
import requests

from pixeltable.errors import AuthorizationError, ErrorCode, ExternalServiceError, RequestError
from pixeltable.exec.limits.failures import classify

REQUEST = httpx.Request('POST', 'http://127.0.0.1')


def with_attributes(name='Failed', **attributes):
    """An error of a class of this name, as a client library raises it."""
    error = type(name, (Exception,), {})()
    for attribute, value in attributes.items():
        setattr(error, attribute, value)
    return error


@pytest.mark.parametrize(
    'error',
    [
        ConnectionError(), ConnectionResetError(), TimeoutError(), socket.gaierror(), RemoteDisconnected(), IncompleteRead(b''),
        asyncio.IncompleteReadError(b'', 1), httpx.ConnectTimeout(''), httpx.ReadError(''), httpx.RemoteProtocolError(''),
        httpx.DecodingError(''), requests.ConnectionError(), requests.Timeout(), requests.exceptions.ChunkedEncodingError(),
        urllib.error.URLError(ConnectionRefusedError()), with_attributes('APIConnectionError'),
        with_attributes('ClientPayloadError'), with_attributes('ServerTimeoutError', __cause__=None, status=504),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_no_answer_may_pass(error) -> None:
    assert classify(error).kind == 'transient'


@pytest.mark.parametrize(
    ('status', 'kind'),
    [(code, 'transient') for code in (408, 409, 500, 502, 503, 504, 520, 529)]
    + [(code, 'permanent') for code in (400, 401, 403, 404, 413, 422, 501)]
    + [(429, 'rate_limited')],
)
def test_statuses(status, kind) -> None:
    answer = httpx.Response(status, request=REQUEST)
    errors = [
        httpx.HTTPStatusError('', request=REQUEST, response=answer),
        requests.HTTPError(response=SimpleNamespace(status_code=status, headers={})),
        with_attributes('APIStatusError', status_code=status, response=answer),
        with_attributes('ClientResponseError', status=status, headers={}),
        urllib.error.HTTPError('http://127.0.0.1', status, '', {}, None),
        with_attributes('ClientError', response={'ResponseMetadata': {'HTTPStatusCode': status}}),
    ]
    assert [classify(error).kind for error in errors] == [kind] * len(errors)
    assert {classify(error).status for error in errors} == {status}


def test_a_class_may_say_that_a_limit_was_met() -> None:
    assert classify(with_attributes('RateLimitError')).kind == 'rate_limited'


def test_no_money_is_no_rate_limit() -> None:
    assert classify(with_attributes('RateLimitError', status_code=429, code='insufficient_quota')).kind == 'permanent'


@pytest.mark.parametrize(
    'error', [TypeError(), ValueError(), KeyError('x'), OSError(), AssertionError(), json.JSONDecodeError('', '', 0)]
)
def test_all_else_is_the_functions_own(error) -> None:
    assert classify(error).kind == 'programming'


def test_what_was_never_sent_does_not_pass() -> None:
    with pytest.raises(httpx.UnsupportedProtocol) as caught:
        httpx.get('gopher://127.0.0.1')
    assert classify(caught.value).kind == 'programming'


def test_an_answer_that_a_client_cannot_read_may_pass() -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        httpx.Response(200, content=b'{"text": ').json()
    assert classify(caught.value).kind == 'transient'
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads('{"text": ')
    assert classify(caught.value).kind == 'programming'


def test_what_the_provider_asks_for() -> None:
    headers = {'Retry-After': '7', 'X-RateLimit-Limit-Requests': '5'}
    failure = classify(with_attributes(status_code=503, headers=headers))
    assert failure.retry_after == 7
    assert failure.headers['x-ratelimit-limit-requests'] == '5'
    reset = {'x-ratelimit-reset-requests': '1.5s'}
    assert classify(with_attributes(status_code=429, headers=reset)).retry_after == 1.5
    assert classify(with_attributes(status_code=500, headers=reset)).retry_after is None


@pytest.mark.parametrize(
    ('error', 'kind'),
    [
        (ExternalServiceError(ErrorCode.RATE_LIMITED, '', retry_after=3), 'rate_limited'),
        (ExternalServiceError(ErrorCode.PROVIDER_TIMEOUT, ''), 'transient'),
        (ExternalServiceError(ErrorCode.PROVIDER_AUTH_ERROR, ''), 'permanent'),
        (AuthorizationError(ErrorCode.MISSING_CREDENTIALS, ''), 'permanent'),
        (RequestError(ErrorCode.INVALID_ARGUMENT, ''), 'programming'),
    ],
)
def test_our_own_errors(error, kind) -> None:
    assert classify(error).kind == kind
    assert classify(error).retry_after == error.retry_after


def test_an_error_that_cannot_be_asked_is_still_classified() -> None:
    class Odd(Exception):
        @property
        def response(self):
            raise RuntimeError('no response was read')

    assert classify(Odd()).kind == 'programming'
