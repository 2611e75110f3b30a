"""Fetches remote media: over HTTP, and from buckets."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from pixeltable._support.forks import in_forked_child, keep
from pixeltable._support.urls import without_secrets
from pixeltable.errors import Error, ErrorCode, NotFoundError, RequestError, ServiceUnavailableError
from pixeltable.media.public_hosts import PublicTransport

if TYPE_CHECKING:
    from pixeltable.storage.objects.remote import RemoteStore

REDIRECTS = 10
ATTEMPTS = 3
"""In a row, of which none gets `PROGRESS` bytes further: a large file may come piece by piece over a bad line."""

PROGRESS = 1 << 20
PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
SLOW_S, SLOW_RATE = 30.0, 1024
"""A server that for so many seconds has sent less than so many bytes a second is given up."""

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_CONNECTIONS = 64
_TAG = '.tag'


class Fetcher:
    """Threads share it; connections are kept open between fetches."""

    def __init__(self, private_hosts: bool = True) -> None:
        """With `private_hosts` false, URLs may not lead to this machine or to private networks."""
        self._private_hosts = private_hosts
        self._begin()
        in_forked_child(self._begin_again)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._buckets: dict[str, RemoteStore] = {}

    def _begin_again(self) -> None:
        keep((self._client, self._buckets))
        self._begin()

    def __call__(self, url: str, path: Path, most: int | None = None) -> None:
        """Writes the content of `url`, up to `most` bytes, to `path`, or the rest of it if the beginning is there.

        Raises:
            AuthorizationError: INSUFFICIENT_PRIVILEGES, it leads to a host that is private.
            NotFoundError: STORAGE_NOT_FOUND, there is nothing under this URL.
            RequestError: INVALID_DATA_FORMAT for endless redirects, and a URL that is none; FILE_CACHE_FULL, it is longer: then
                nothing of it is left.
            ServiceUnavailableError: STORE_UNAVAILABLE, the server does not answer, or too slowly.
        """
        if urlsplit(url).scheme.lower() not in ('http', 'https'):
            _write(path, 'wb', self._object(url), url, most)
            return
        fruitless = 0
        while True:
            size = _size(path)
            try:
                self._request(url, path, most)
                return
            except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, ValueError, ServiceUnavailableError) as error:
                failure = _failure(url, error)
            fruitless = 0 if _size(path) >= size + PROGRESS else fruitless + 1
            if not failure.is_retryable or fruitless == ATTEMPTS:
                raise failure from failure.__cause__
            time.sleep(min(failure.retry_after or PAUSE_S * fruitless, LONGEST_PAUSE_S))

    def _request(self, url: str, path: Path, most: int | None) -> None:
        tag = _tag(path)
        done = _size(path) if tag.exists() else 0
        headers = {'Range': f'bytes={done}-', 'If-Range': tag.read_text()} if done else {}
        headers['Accept-Encoding'] = 'identity'
        with self._opened().stream('GET', url, headers=headers) as response:
            _check(url, response)
            is_rest = response.status_code == 206 and response.headers.get('content-range', '').startswith(
                f'bytes {done}-'
            )
            version = _version(response)
            tag.unlink(missing_ok=True)
            if response.status_code == 416 or (response.status_code == 206 and not is_rest):
                raise httpx.RemoteProtocolError('the server does not give the rest of what was fetched before')
            if version:
                tag.write_text(version)
            length = response.headers.get('content-length', '')
            _check_size(path, url, int(length) if length.isdigit() else 0, most)
            _write(path, 'ab' if is_rest else 'wb', _chunks(response), url, most)
        tag.unlink(missing_ok=True)

    def _object(self, url: str) -> Iterator[bytes]:
        """The content of an object of a bucket, piece by piece."""
        from pixeltable.storage.objects.remote import RemoteStore  # it loads obstore, which only buckets need

        parts = urlsplit(url)
        root = f'{parts.scheme}://{parts.netloc}'
        bucket = self._buckets.get(root) or self._buckets.setdefault(root, RemoteStore(root))
        try:
            yield from bucket.stream(parts.path.lstrip('/'))
        except NotFoundError as error:
            raise NotFoundError(
                ErrorCode.STORAGE_NOT_FOUND, f'there is nothing at {without_secrets(url)!r}.'
            ) from error

    def _opened(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(
                    follow_redirects=True,
                    max_redirects=REDIRECTS,
                    timeout=_TIMEOUT,
                    limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS // 2),
                    transport=None if self._private_hosts else PublicTransport(_CONNECTIONS),
                    headers={'User-Agent': 'pixeltable'},
                )
            return self._client

    def close(self) -> None:
        """Closes connections; the next fetch opens others."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _tag(path: Path) -> Path:
    """The file that says of which version the beginning at `path` is."""
    return path.with_name(path.name + _TAG)


def _write(path: Path, mode: str, chunks: Iterable[bytes], url: str, most: int | None) -> None:
    with path.open(mode) as file:
        for chunk in chunks:
            file.write(chunk)
            _check_size(path, url, file.tell(), most)


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    """The content as it comes. No size of chunks is asked for: for that, a slow server would be waited for without end."""
    since, received = time.monotonic(), 0
    for chunk in response.iter_bytes():
        received += len(chunk)
        seconds = time.monotonic() - since
        if seconds > SLOW_S:
            if received < seconds * SLOW_RATE:
                raise httpx.ReadTimeout('the server sends less than 1 KiB a second')
            since, received = time.monotonic(), 0
        yield chunk


def _version(response: httpx.Response) -> str:
    """What names this version of the content in `If-Range`; empty where nothing does for sure.

    A time does if it is not that of the answer, as the content may change again within the second (RFC 9110, 8.8.2.2).
    """
    headers = response.headers
    if headers.get('content-encoding', 'identity') != 'identity':  # what is written is not what ranges count
        return ''
    tag: str = headers.get('etag', '')
    if tag:
        return '' if tag.startswith('W/') else tag
    modified: str = headers.get('last-modified', '')
    return modified if modified != headers.get('date', modified) else ''


def _check(url: str, response: httpx.Response) -> None:
    status = response.status_code
    shown = without_secrets(url)
    if status in (404, 410):
        raise NotFoundError(ErrorCode.STORAGE_NOT_FOUND, f'there is nothing at {shown!r}: HTTP {status}.')
    if status == 429 or status >= 500:
        wait = response.headers.get('retry-after', '')
        raise ServiceUnavailableError(
            ErrorCode.STORE_UNAVAILABLE,
            f'{shown!r} cannot be fetched: HTTP {status}.',
            retry_after=float(wait) if wait.isdigit() else None,
        )
    if status >= 400 and status != 416:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{shown!r} cannot be fetched: HTTP {status}.')


def _failure(url: str, error: Exception) -> Error:
    """What is to be said of a request that failed."""
    if isinstance(error, Error):
        return error
    failure: type[Error] = RequestError
    code, reason = ErrorCode.INVALID_DATA_FORMAT, str(error) or type(error).__name__
    if isinstance(error, httpx.TooManyRedirects):
        reason = f'more than {REDIRECTS} redirects'
    elif isinstance(error, (httpx.TransportError, httpx.StreamError)) and not isinstance(
        error, httpx.UnsupportedProtocol
    ):
        failure, code = ServiceUnavailableError, ErrorCode.STORE_UNAVAILABLE
    made = failure(code, f'{without_secrets(url)!r} cannot be fetched: {reason.removesuffix(".")}.')
    made.__cause__ = error
    return made


def _check_size(path: Path, url: str, size: int, most: int | None) -> None:
    """Raises FILE_CACHE_FULL for what will never fit. What was written of it goes, as it would take the room of others."""
    if most is None or size <= most:
        return
    path.unlink(missing_ok=True)
    _tag(path).unlink(missing_ok=True)
    raise RequestError(
        ErrorCode.FILE_CACHE_FULL,
        f'{without_secrets(url)!r} has {size} bytes or more, and the file cache holds {most}. '
        'Raise the setting file_cache_size_g.',
    )
