"""What a bucket, and the way to it, may do to us. What it does for us is in `test_contract.py`."""

from __future__ import annotations

import multiprocessing
import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from buckets import AZURITE_ACCOUNT
from proxy import Proxy

from pixeltable.errors import AuthorizationError, Error, ErrorCode, RequestError, ServiceUnavailableError
from pixeltable.storage.objects import ObjectStore, remote
from pixeltable.storage.objects.remote import RemoteStore

CALLS: list[Callable[[ObjectStore], object]] = [
    lambda store: store.put('a', b'1'),
    lambda store: store.put('large', bytes(20_000_000)),
    lambda store: store.get('a'),
    lambda store: store.get_range('a', 0, 1),
    lambda store: list(store.list('')),
    lambda store: store.delete('a'),
]
NAMES = ['put', 'put_in_parts', 'get', 'get_range', 'list', 'delete']
UNUSED = 'http://127.0.0.1:9'

every_call = pytest.mark.parametrize('call', CALLS, ids=NAMES)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries as many as ever, at once."""
    backoff = {'init_backoff': timedelta(milliseconds=1), 'max_backoff': timedelta(milliseconds=5), 'base': 2}
    monkeypatch.setattr(remote, 'RETRIES', {**remote.RETRIES, 'backoff': backoff})


@pytest.fixture
def proxy(s3_server: str, s3_root: str, proxy_of: Callable[[str], Proxy], monkeypatch: pytest.MonkeyPatch) -> Proxy:
    """Stands between S3 and stores that are opened from now on."""
    proxy = proxy_of(s3_server)
    monkeypatch.setenv('AWS_ENDPOINT_URL', proxy.url)
    return proxy


def refused(call: Callable[[ObjectStore], object], store: ObjectStore, kind: type[Error], code: ErrorCode) -> str:
    with pytest.raises(kind) as caught:
        call(store)
    assert caught.value.error_code is code
    return str(caught.value)


@every_call
def test_server_that_is_not_there(call: Callable, s3_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('AWS_ENDPOINT_URL', UNUSED)
    text = refused(call, RemoteStore(s3_root), ServiceUnavailableError, ErrorCode.STORE_UNAVAILABLE)
    assert re.search(f'could not .* {re.escape(repr(s3_root))}: no answer came', text)


@every_call
def test_short_failures_are_waited_out(call: Callable, proxy: Proxy, s3_root: str) -> None:
    RemoteStore(s3_root).put('a', b'1')
    proxy.requests.clear()
    proxy.answer(503, times=3)
    call(RemoteStore(s3_root))
    assert len(proxy.requests) >= 4


@pytest.mark.parametrize('status', [500, 503, 429])
@every_call
def test_long_failures_are_not(call: Callable, status: int, proxy: Proxy, s3_root: str) -> None:
    proxy.answer(status)
    text = refused(call, RemoteStore(s3_root), ServiceUnavailableError, ErrorCode.STORE_UNAVAILABLE)
    assert f'the server answered {status}' in text


@pytest.mark.parametrize('status', [401, 403])
@every_call
def test_refusal(call: Callable, status: int, proxy: Proxy, s3_root: str) -> None:
    proxy.answer(status)
    text = refused(call, RemoteStore(s3_root), AuthorizationError, ErrorCode.INSUFFICIENT_PRIVILEGES)
    assert 'check the credentials' in text


def test_refusal_is_final(proxy: Proxy, s3_root: str) -> None:
    proxy.answer(403)
    refused(CALLS[0], RemoteStore(s3_root), AuthorizationError, ErrorCode.INSUFFICIENT_PRIVILEGES)
    assert len(proxy.requests) == 1


@every_call
def test_request_that_makes_no_sense_to_the_server(call: Callable, proxy: Proxy, s3_root: str) -> None:
    proxy.answer(400)
    text = refused(call, RemoteStore(s3_root), RequestError, ErrorCode.INVALID_CONFIGURATION)
    assert 'check the region' in text


@pytest.mark.parametrize(
    ('call', 'lost'),
    [
        *zip(CALLS, ['PUT', 'PUT', 'GET', 'GET', 'GET', 'POST'], strict=True),
        (CALLS[1], 'POST .*uploads'),
        (CALLS[1], 'POST .*uploadId='),
    ],
    ids=[*NAMES, 'begin_put_in_parts', 'end_put_in_parts'],
)
def test_lost_answer(call: Callable, lost: str, proxy: Proxy, s3_root: str) -> None:
    RemoteStore(s3_root).put('a', b'1')
    proxy.requests.clear()
    proxy.lose_one(lost)
    call(RemoteStore(s3_root))
    assert sum(re.match(lost, request) is not None for request in proxy.requests) > 1


def test_server_that_no_longer_knows_an_upload_in_parts(proxy: Proxy, s3_root: str) -> None:
    data = os.urandom(20_000_000)
    proxy.answer(404, times=1, pattern='POST .*uploadId=')  # as some do when they are asked again to finish it
    store = RemoteStore(s3_root)
    store.put('large', data)
    assert store.get('large') == data
    assert sum('uploads' in request for request in proxy.requests) == 2


def test_put_in_parts_that_does_not_finish_shows_nothing(proxy: Proxy, s3_root: str) -> None:
    store = RemoteStore(s3_root)
    proxy.answer(503, pattern='POST .*uploadId=')
    refused(CALLS[1], store, ServiceUnavailableError, ErrorCode.STORE_UNAVAILABLE)
    assert sum('partNumber=' in request for request in proxy.requests) == 3
    assert list(store.list('')) == []
    store.put('large', b'2')
    assert store.get('large') == b'2'


@pytest.mark.parametrize('scheme', ['s3', 'gs', 'az'])
@every_call
def test_bucket_that_does_not_exist(call: Callable, scheme: str, request: pytest.FixtureRequest) -> None:
    root = request.getfixturevalue(f'{scheme}_root').replace('//bucket/', '//nowhere/')
    text = refused(call, RemoteStore(root), RequestError, ErrorCode.INVALID_CONFIGURATION)
    assert f'{root!r}: there is no such bucket' in text


@every_call
def test_wrong_key_of_azure(call: Callable, az_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('AZURE_STORAGE_ACCOUNT_KEY', 'c2VjcmV0')
    text = refused(call, RemoteStore(az_root), AuthorizationError, ErrorCode.INSUFFICIENT_PRIVILEGES)
    assert 'c2VjcmV0' not in text


@every_call
def test_signature_of_azure_is_not_shown(call: Callable, az_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('AZURE_STORAGE_ACCOUNT_KEY')
    monkeypatch.setenv('AZURE_STORAGE_SAS_TOKEN', 'sv=2021-08-06&sig=very-secret')
    with pytest.raises(AuthorizationError) as caught:
        call(RemoteStore(az_root))
    assert 'very-secret' not in f'{caught.value} {caught.value.__cause__!r}'


@pytest.fixture
def strict_s3(s3_server: str) -> Iterator[None]:
    """The server asks for keys that it knows, of which there are none."""

    def check_keys_after(requests: bytes) -> None:
        headers = {'Content-Type': 'text/plain'}
        request = urllib.request.Request(f'{s3_server}/moto-api/reset-auth', requests, headers)
        urllib.request.urlopen(request).close()

    check_keys_after(b'0')
    yield
    check_keys_after(b'inf')


@pytest.mark.usefixtures('strict_s3')
@every_call
def test_wrong_key_of_s3(call: Callable, s3_root: str) -> None:
    text = refused(call, RemoteStore(s3_root), AuthorizationError, ErrorCode.INSUFFICIENT_PRIVILEGES)
    assert 'InvalidAccessKeyId' in text or call is CALLS[5]


@pytest.mark.parametrize(
    ('scheme', 'credentials', 'metadata'),
    [
        ('s3', ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'], 'AWS_METADATA_ENDPOINT'),
        ('az', ['AZURE_STORAGE_ACCOUNT_KEY'], 'AZURE_MSI_ENDPOINT'),
    ],
)
def test_no_credentials(
    scheme: str, credentials: list, metadata: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = request.getfixturevalue(f'{scheme}_root')
    for name in credentials:
        monkeypatch.delenv(name)
    monkeypatch.setenv(metadata, UNUSED)
    refused(CALLS[2], RemoteStore(root), AuthorizationError, ErrorCode.MISSING_CREDENTIALS)


def test_account_that_is_not_named(az_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('AZURE_STORAGE_ACCOUNT_NAME')
    with pytest.raises(RequestError, match='Account must be specified') as error:
        RemoteStore(az_root)
    assert error.value.error_code is ErrorCode.INVALID_CONFIGURATION


def test_address_that_is_none(s3_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('AWS_ENDPOINT_URL', 'localhost:9000')
    with pytest.raises(RequestError, match="AWS_ENDPOINT_URL='localhost:9000' is no address") as error:
        RemoteStore(s3_root)
    assert error.value.error_code is ErrorCode.INVALID_CONFIGURATION


def test_silent_server(proxy: Proxy, s3_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, 'TIMEOUTS', {**remote.TIMEOUTS, 'read_timeout': timedelta(milliseconds=100)})
    monkeypatch.setattr(remote, 'RETRIES', {**remote.RETRIES, 'max_retries': 1})
    proxy.be_silent()
    refused(CALLS[2], RemoteStore(s3_root), ServiceUnavailableError, ErrorCode.STORE_UNAVAILABLE)


def test_azure_by_the_name_of_the_account(az_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('AZURE_STORAGE_ACCOUNT_NAME')
    place = az_root.removeprefix('az://bucket/')
    store = RemoteStore(f'abfss://bucket@{AZURITE_ACCOUNT}.dfs.core.windows.net/{place}')
    store.put('a', b'1')
    assert store.get('a') == b'1'


def _read(store: RemoteStore, results: multiprocessing.Queue) -> None:
    try:
        results.put(bytes(store.get('a')))
    except Error as error:
        results.put(str(error))


def test_forked_process_is_told(s3_root: str) -> None:
    store = RemoteStore(s3_root)
    store.put('a', b'1')
    context = multiprocessing.get_context('fork')
    results = context.Queue()
    child = context.Process(target=_read, args=(store, results))
    child.start()
    assert 'forked' in results.get(timeout=30)
    child.join()
    assert store.get('a') == b'1'
