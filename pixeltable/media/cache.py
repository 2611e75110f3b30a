"""The files of remote media values, fetched once and kept on the local disk, within a limit.

A file is named by its URL. While it is fetched it has another name and is locked, so that others who want it wait, also those of
other processes; a fetch that broke off goes on where it stopped, whoever asks next. Whoever uses a file touches it: what was used
longest ago goes first, and never what was used within the lease, as somebody may still read it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from pixeltable._support.disk import is_at
from pixeltable._support.forks import in_forked_child
from pixeltable._support.urls import without_secrets
from pixeltable.errors import ErrorCode, PixeltableWarning, RequestError, ServiceUnavailableError
from pixeltable.media.fetching import Fetcher

LOOK_S = 5.0
"""For so long this process relies on its own count of the bytes in the folder, to which other processes add, too."""

_PART = '.part'


@dataclass(frozen=True, slots=True)
class _Kept:
    path: Path
    size: int
    used: float


class FileCache:
    """Threads and processes share it."""

    def __init__(self, folder: Path, limit: int, lease_s: float, fetcher: Fetcher) -> None:
        """Keeps up to `limit` bytes in `folder`, which is made when the first file is fetched."""
        self._folder = folder
        self._limit = limit
        self._lease_s = lease_s
        self._fetcher = fetcher
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._counting = threading.Lock()
        self._bytes = 0
        self._looked = float('-inf')
        self._evicted: set[str] = set()
        self._has_warned = False

    def path(self, url: str) -> str:
        """The local file with the content of `url`, fetched if it is not there.

        Raises:
            RequestError: FILE_CACHE_FULL if it does not fit beside what is in use.
            ServiceUnavailableError: STORE_UNAVAILABLE if the folder cannot be written to.
            Error: whatever fetching it raises.
        """
        name = hashlib.sha256(url.encode('utf-8', 'surrogatepass')).hexdigest()[:40]
        path = self._folder / (name + _suffix(url))
        if not _is_touched(path):
            try:
                self._fetch(url, path)
            except OSError as error:
                raise ServiceUnavailableError(
                    ErrorCode.STORE_UNAVAILABLE,
                    f'{without_secrets(url)!r} cannot be kept in {str(self._folder)!r}: {error.strerror}.',
                ) from error
        return str(path)

    def close(self) -> None:
        """Closes connections."""
        self._fetcher.close()

    def _fetch(self, url: str, path: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + _PART)
        with _alone(part):
            if _is_touched(path):  # somebody else has fetched it meanwhile
                part.unlink()
            else:
                if path.name in self._evicted:
                    self._warn(url)
                _is_touched(part)  # what was left by others may be old, and is in use again
                self._fetcher(url, part, self._limit)
                self._make_room(part, url)
                part.replace(path)

    def _warn(self, url: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            warnings.warn(
                f'{without_secrets(url)!r} is fetched again: the file cache, of {self._limit} bytes, was too small to keep it, '
                'and perhaps others. Raise the setting file_cache_size_g.',
                PixeltableWarning,
                stacklevel=2,
            )

    def _make_room(self, part: Path, url: str) -> None:
        """Sees to it that all fits with `part`."""
        size = part.stat().st_size
        with self._counting:
            self._bytes += size
            if self._bytes > self._limit or time.monotonic() - self._looked > LOOK_S:
                self._evict(part)
            if self._bytes <= self._limit:
                return
            part.unlink()
            self._bytes -= size
            raise RequestError(
                ErrorCode.FILE_CACHE_FULL,
                f'{without_secrets(url)!r} has {size} bytes, which do not fit into the file cache: {self._bytes} of '
                f'{self._limit} bytes are in use. Raise the setting file_cache_size_g, or lower file_cache_lease_s.',
            )

    def _evict(self, part: Path) -> None:
        """Counts anew, and removes what was used longest ago until the rest fits."""
        kept = sorted(self._kept(), key=lambda each: each.used)
        self._bytes, self._looked = sum(each.size for each in kept), time.monotonic()
        free_before = time.time() - self._lease_s
        for each in kept:
            if self._bytes <= self._limit or each.used > free_before:
                return
            with contextlib.suppress(OSError):
                if each.path != part and _used(each.path.stat()) == each.used:
                    each.path.unlink()
                    self._bytes -= each.size
                    self._evicted.add(each.path.name)

    def _kept(self) -> Iterator[_Kept]:
        """All files, those that are being fetched, or were once, among them."""
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat()
                    yield _Kept(Path(entry.path), status.st_size, _used(status))


def _used(status: os.stat_result) -> float:
    """When the file was used: read, or written while it was fetched."""
    return max(status.st_atime, status.st_mtime)


def _is_touched(path: Path) -> bool:
    """Whether the file is there; it counts as used now. When it was written stays as it is: it tells whether it is the same."""
    try:
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Waits until nobody else has the file. It is there then, empty or with what others have left in it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if is_at(descriptor, path):  # and has not been renamed or removed by who had it
                yield
                return
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing alone would not do it if the process was forked meanwhile
            os.close(descriptor)


def _suffix(url: str) -> str:
    """The ending of the file's name, by which programs know formats."""
    suffix = PurePosixPath(unquote(urlsplit(url).path)).suffix
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) < 10 else ''
