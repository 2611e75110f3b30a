"""Objects in a bucket of S3, Google Cloud Storage or Azure, through obstore.

A bucket gives durability and atomic puts by itself; what is left is to name keys, to wait out short failures, and to say in our
errors what went wrong. Credentials, region and endpoint are those of the environment, as obstore reads them; none is kept here.

Nothing unfinished is ever visible, and none of it can be listed through obstore: the parts of a large upload that was cut off
are for the bucket's own rule on incomplete uploads.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.storage.objects import ObjectInfo
from pixeltable.storage.objects.remote_errors import is_bucket_missing, is_past_the_end, translated

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

PART_BYTES = 8 << 20
"""Larger objects are sent in parts of this size, so that a slow line loses one part and not all of it."""

PARTS_AT_ONCE = 4

RETRIES: RetryConfig = {
    'max_retries': 10,
    'retry_timeout': timedelta(seconds=60),
    'backoff': {'init_backoff': timedelta(milliseconds=100), 'max_backoff': timedelta(seconds=5), 'base': 3},
}
"""For refused connections, answers 5xx and 429, and timeouts, but for those of a POST, with which S3 deletes objects, and begins
and ends uploads in parts. The waits are drawn by chance: 10 seconds in all on average, 30 at most. With obstore's base of 2 they
are 3 seconds, in which no server restarts."""

TIMEOUTS: ClientConfig = {
    'connect_timeout': timedelta(seconds=5),
    'read_timeout': timedelta(seconds=60),
    'timeout': timedelta(minutes=30),
}
"""A silent server is given up after `read_timeout`; obstore's 30 seconds for a whole request would cut off large objects."""

ENDPOINTS = (
    'AWS_ENDPOINT',
    'AWS_ENDPOINT_URL',
    'AWS_ENDPOINT_URL_S3',
    'AZURE_ENDPOINT',
    'AZURE_STORAGE_ENDPOINT',
    'GOOGLE_BASE_URL',
)
"""The variables that name a server other than the provider's own."""

LOADED_IN = os.getpid()
"""The process that the threads of obstore belong to. They do not survive a fork, and a child that used obstore would hang."""


class RemoteStore:
    """An `ObjectStore` below `root`, such as `s3://bucket/prefix`. Threads share it; a forked child must not use it."""

    def __init__(self, root: str) -> None:
        self.root = root
        scheme, _, place = root.partition('://')
        bucket, _, self._prefix = place.partition('/')
        client: ClientConfig = {**TIMEOUTS, 'allow_http': _is_plain_http()}
        try:
            self._bucket = from_url(f'{scheme}://{bucket}', client_options=client, retry_config=RETRIES)
        except (BaseError, ValueError) as error:
            reason = str(error).partition('\n')[0]
            raise RequestError(ErrorCode.INVALID_CONFIGURATION, f'could not open {root!r}: {reason}') from error

    def put(self, key: str, data: bytes | memoryview) -> None:
        with self._translated('write', key):
            try:
                self._upload(key, data)
            except FileNotFoundError as error:
                if is_bucket_missing(error):
                    raise
                # The answer to a finished upload in parts was lost, and obstore asked to finish it once more.
                self._upload(key, data)

    def get(self, key: str) -> memoryview:
        with self._translated('read', key):
            return memoryview(obstore.get(self._bucket, self._path(key)).bytes())

    def stream(self, key: str) -> Iterator[bytes]:
        """The content of an object, piece by piece, all of one version. What breaks off goes on within the retries."""
        with self._translated('read', key):
            for piece in obstore.get(self._bucket, self._path(key)).stream(PART_BYTES):
                yield bytes(piece)

    def get_range(self, key: str, start: int, length: int) -> memoryview:
        """Bytes `start … start + length` of the object; fewer if it ends before."""
        with self._translated('read', key):
            path = self._path(key)
            if length == 0:  # which HTTP cannot ask for
                obstore.head(self._bucket, path)
                return memoryview(b'')
            try:
                return memoryview(obstore.get_range(self._bucket, path, start=start, length=length))
            except BaseError as error:
                if is_past_the_end(error):
                    return memoryview(b'')
                raise

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """The objects whose keys begin with `prefix`, a page at a time."""
        folder = prefix.rpartition('/')[0]  # obstore lists whole folders only
        skipped = len(self._prefix) + 1 if self._prefix else 0
        with self._translated('list', prefix):
            pages = obstore.list(self._bucket, self._path(folder) or None, chunk_size=1000)
            for found in itertools.chain.from_iterable(pages):
                key = found['path'][skipped:]
                if key.startswith(prefix):
                    yield ObjectInfo(key, found['size'], found['last_modified'].timestamp())

    def url(self, key: str) -> str:
        return f'{self.root}/{key}'

    def delete(self, *keys: str) -> None:
        for key in keys:
            with self._translated('delete', key):
                self._delete(key)

    def remove_unfinished(self, grace_seconds: float) -> int:
        return 0

    def _delete(self, key: str) -> None:
        try:
            obstore.delete(self._bucket, self._path(key))
        except FileNotFoundError as error:
            if is_bucket_missing(error):
                raise

    def _upload(self, key: str, data: bytes | memoryview) -> None:
        view = memoryview(data).cast('B')
        obstore.put(self._bucket, self._path(key), view, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)

    def _path(self, key: str) -> str:
        # obstore refuses empty parts, `.`, `..` and control characters itself; Azure takes a backslash for a slash.
        if key.startswith('/') or '\\' in key:
            raise ValueError('it begins with a slash or has a backslash')
        return f'{self._prefix}/{key}'.strip('/')

    @contextmanager
    def _translated(self, verb: str, key: str) -> Iterator[None]:
        if os.getpid() != LOADED_IN:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'could not {verb} {key!r} in {self.root!r}: this process was forked from one that had used a bucket already; '
                "start processes with multiprocessing.get_context('spawn')",
            )
        with translated(verb, key, self.root):
            yield


def _is_plain_http() -> bool:
    """Whether the environment names a server that speaks no TLS."""
    given = {name: os.environ[name] for name in ENDPOINTS if os.environ.get(name)}
    for name, address in given.items():
        if not address.startswith(('http://', 'https://')):  # it would make obstore panic
            raise RequestError(
                ErrorCode.INVALID_CONFIGURATION,
                f'{name}={address!r} is no address; it must begin with https:// or http://',
            )
    return any(address.startswith('http://') for address in given.values())
