"""The files of remote media values, fetched once and kept on the local disk, within a limit.

A file is named by its URL. While it is fetched it has another name, and a fetch that broke off goes on where it stopped, if the
server still has the same content. Whoever uses a file touches it: what was used longest ago goes first, and never what was used
within the lease, as somebody may still read it. Processes share the folder; each step is one that others see whole or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from pixeltable.errors import ErrorCode, RequestError

Fetch = Callable[[str, Path], None]
"""Writes what a URL stands for to a file, or the rest of it, if the file is there already."""

_PART = '.part'
_LOCKS = 64


@dataclass(frozen=True, slots=True)
class _Kept:
    path: Path
    size: int
    used: float


class FileCache:
    """Threads share it."""

    def __init__(self, folder: Path, limit: int, lease_s: float, fetch: Fetch) -> None:
        """Keeps up to `limit` bytes in `folder`, which is made when the first file is fetched."""
        self._folder = folder
        self._limit = limit
        self._lease_s = lease_s
        self._fetch = fetch
        self._locks = [threading.Lock() for _ in range(_LOCKS)]
        self._evicting = threading.Lock()
        self._bytes: int | None = None  # in the folder, as far as this process knows

    def path(self, url: str) -> str:
        """The local file with the content of `url`, fetched if it is not there.

        Raises:
            RequestError: FILE_CACHE_FULL if it does not fit beside what is in use.
            Error: whatever fetching it raises.
        """
        name = hashlib.sha256(url.encode('utf-8', 'surrogatepass')).hexdigest()[:40]
        path = self._folder / (name + _suffix(url))
        if self._touch(path):
            return str(path)
        with self._locks[int(name[:8], 16) % _LOCKS]:
            if self._touch(path):
                return str(path)
            self._folder.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f'{path.name}.{os.getpid()}{_PART}')
            self._adopt(path, part)
            self._fetch(url, part)
            self._make_room(part.stat().st_size, url)
            part.replace(path)
        return str(path)

    def _adopt(self, path: Path, part: Path) -> None:
        """Takes over what a process that ended had fetched."""
        for other in self._folder.glob(f'{path.name}.*{_PART}'):
            if other != part and time.time() - other.stat().st_mtime > self._lease_s:
                with contextlib.suppress(OSError):
                    other.replace(part)

    @staticmethod
    def _touch(path: Path) -> bool:
        try:
            os.utime(path)
        except OSError:
            return False
        return True

    def _make_room(self, size: int, url: str) -> None:
        """Removes what was used longest ago until `size` more bytes fit."""
        with self._evicting:
            if self._bytes is not None and self._bytes + size <= self._limit:
                self._bytes += size
                return
            kept = sorted(self._kept(), key=lambda each: each.used)
            total = sum(each.size for each in kept)
            free_before = time.time() - self._lease_s
            for each in kept:
                if total + size <= self._limit or each.used > free_before:
                    break
                with contextlib.suppress(OSError):
                    each.path.unlink()
                    total -= each.size
            if total + size > self._limit:
                raise RequestError(
                    ErrorCode.FILE_CACHE_FULL,
                    f'{url!r} has {size} bytes, which do not fit into the file cache: {total} of {self._limit} bytes are in use. '
                    'Raise the setting file_cache_size_g, or lower file_cache_lease_s.',
                )
            self._bytes = total + size

    def _kept(self) -> list[_Kept]:
        found = []
        for entry in os.scandir(self._folder):
            if not entry.name.endswith(_PART):
                with contextlib.suppress(OSError):
                    status = entry.stat()
                    found.append(_Kept(Path(entry.path), status.st_size, status.st_mtime))
        return found


def _suffix(url: str) -> str:
    """The ending of the file's name, by which programs know formats."""
    suffix = PurePosixPath(unquote(urlsplit(url).path)).suffix
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) < 10 else ''
