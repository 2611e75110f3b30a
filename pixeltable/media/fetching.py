"""Fetches remote media: over HTTP, and from buckets."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from pixeltable.errors import ErrorCode, NotFoundError, RequestError, ServiceUnavailableError

REDIRECTS = 10
ATTEMPTS = 3
SLOW_S, SLOW_RATE = 30.0, 1024
"""A server that after so many seconds has sent less than so many bytes a second is given up."""

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_CONNECTIONS = httpx.Limits(max_connections=64, max_keepalive_connections=32)
_TAG = '.tag'


class Fetcher:
    """Threads share it; connections are kept open between fetches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    def __call__(self, url: str, path: Path) -> None:
        """Writes the content of `url` to `path`.

        Raises:
            NotFoundError: STORAGE_NOT_FOUND, there is nothing under this URL.
            RequestError: INVALID_DATA_FORMAT for endless redirects, and a URL that is none.
            ServiceUnavailableError: STORE_UNAVAILABLE, the server does not answer, or too slowly.
        """
        if urlsplit(url).scheme.lower() in ('http', 'https'):
            self._http(url, path)
        else:
            _object(url, path)

    def _http(self, url: str, path: Path) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._request(url, path)
                return
            except (httpx.TransportError, httpx.StreamError) as error:
                if attempt == ATTEMPTS or isinstance(error, httpx.UnsupportedProtocol):
                    raise ServiceUnavailableError(
                        ErrorCode.STORE_UNAVAILABLE, f'{url!r} cannot be fetched: {str(error) or type(error).__name__}.'
                    ) from error
                time.sleep(0.2 * attempt)
            except httpx.TooManyRedirects as error:
                raise RequestError(
                    ErrorCode.INVALID_DATA_FORMAT, f'{url!r} cannot be fetched: more than {REDIRECTS} redirects.'
                ) from error
            except (httpx.InvalidURL, httpx.DecodingError, ValueError) as error:
                raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{url!r} cannot be fetched: {error}.') from error

    def _request(self, url: str, path: Path) -> None:
        tag = path.with_name(path.name + _TAG)
        done = path.stat().st_size if path.exists() and tag.exists() else 0
        headers = {'Range': f'bytes={done}-', 'If-Range': tag.read_text()} if done else {}
        headers['Accept-Encoding'] = 'identity'
        with self._opened().stream('GET', url, headers=headers) as response:
            if response.status_code == 416:  # what is there is all of it, or of something else: begin anew
                path.unlink(missing_ok=True)
                raise httpx.StreamError('the server has less than was fetched before')
            _check(url, response)
            version = response.headers.get('etag', '')
            with contextlib.suppress(OSError):
                tag.unlink()
            if version and not version.startswith('W/'):
                tag.write_text(version)
            with path.open('ab' if response.status_code == 206 else 'wb') as file:
                file.writelines(_chunks(response))
        tag.unlink(missing_ok=True)

    def _opened(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(
                    follow_redirects=True,
                    max_redirects=REDIRECTS,
                    timeout=_TIMEOUT,
                    limits=_CONNECTIONS,
                    headers={'User-Agent': 'pixeltable'},
                )
            return self._client

    def close(self) -> None:
        if self._client is not None:
            self._client.close()


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    begun = time.monotonic()
    received = 0
    for chunk in response.iter_bytes(1 << 16):
        received += len(chunk)
        seconds = time.monotonic() - begun
        if seconds > SLOW_S and received < seconds * SLOW_RATE:
            raise httpx.ReadTimeout('it sends less than 1 KiB a second')
        yield chunk


def _check(url: str, response: httpx.Response) -> None:
    status = response.status_code
    if status in (404, 410):
        raise NotFoundError(ErrorCode.STORAGE_NOT_FOUND, f'there is nothing at {url!r}: HTTP {status}.')
    if status == 429 or status >= 500:
        raise ServiceUnavailableError(ErrorCode.STORE_UNAVAILABLE, f'{url!r} cannot be fetched: HTTP {status}.')
    if status >= 400:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{url!r} cannot be fetched: HTTP {status}.')


def _object(url: str, path: Path) -> None:
    """An object of a bucket."""
    from pixeltable.storage.objects.open import open_store

    parts = urlsplit(url)
    try:
        path.write_bytes(open_store(f'{parts.scheme}://{parts.netloc}').get(parts.path.lstrip('/')))
    except NotFoundError as error:
        raise NotFoundError(ErrorCode.STORAGE_NOT_FOUND, f'there is nothing at {url!r}.') from error
