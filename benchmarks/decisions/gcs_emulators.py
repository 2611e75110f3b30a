"""Decision 0007: which servers speak the protocol by which obstore reaches Google Cloud Storage.

.venv/bin/python -m pip install gcp-storage-emulator
.venv/bin/python benchmarks/decisions/gcs_emulators.py
"""

from __future__ import annotations

import http.client
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import obstore
from obstore.store import GCSStore


@contextmanager
def moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer('127.0.0.1', 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    connection = http.client.HTTPConnection(host, port)
    connection.request('PUT', '/bucket', headers={'Content-Length': '0'})
    connection.getresponse().read()
    connection.close()
    yield f'http://{host}:{port}'
    server.stop()


@contextmanager
def gcp_storage_emulator() -> Iterator[str]:
    from gcp_storage_emulator.server import create_server

    server = create_server('127.0.0.1', 9023, in_memory=True, default_bucket='bucket')
    server.start()
    yield 'http://127.0.0.1:9023'
    server.stop()


def outcome(call: Callable[[], object]) -> str:
    try:
        call()
    except Exception as error:  # noqa: BLE001 what it says is the result
        return str(error).partition('\n')[0][-90:]
    return 'works'


def check(url: str) -> None:
    client = {'allow_http': True}
    store = GCSStore('bucket', config={'base_url': url}, client_options=client, retry_config={'max_retries': 1})
    print('  put      ', outcome(lambda: obstore.put(store, 'a/b', b'1234')))
    print('  get      ', outcome(lambda: obstore.get(store, 'a/b').bytes()))
    print('  get_range', outcome(lambda: obstore.get_range(store, 'a/b', start=1, length=2)))
    print('  head     ', outcome(lambda: obstore.head(store, 'a/b')))
    print('  list     ', outcome(lambda: list(obstore.list(store))))
    print('  in parts ', outcome(lambda: obstore.put(store, 'large', bytes(20_000_000))))
    print('  delete   ', outcome(lambda: obstore.delete(store, 'a/b')))


def main() -> None:
    os.environ['GOOGLE_BEARER_TOKEN'] = 'token'
    for name, server in {'gcp-storage-emulator': gcp_storage_emulator, 'moto': moto}.items():
        print(f'\n{name}')
        with server() as url:
            check(url)


if __name__ == '__main__':
    main()
