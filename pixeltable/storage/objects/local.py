"""Objects as files below one folder of a local disk: durable once `put` returns, invisible before.

It is not a cache and knows no format. A crash at any point leaves at most a temporary file, which `list` never shows.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable.errors import Error, ErrorCode, NotFoundError, RequestError, ServiceUnavailableError

TEMPORARY_PREFIX = '.writing-'
"""How the names of unfinished files begin."""


class LocalStore:
    """An `ObjectStore` below the folder `root`, which is made when it is first written to."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, data: bytes | memoryview) -> None:
        """Write `data` durably: content first, then the name, then the folder that holds the name."""
        path = self._path(key)
        with _translated('write', key):
            _make_folder(path.parent)
            temporary = path.parent / f'{TEMPORARY_PREFIX}{uuid.uuid4().hex}'
            try:
                _write_and_sync(temporary, data)
                os.rename(temporary, path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)

    def get(self, key: str) -> memoryview:
        # Read, not mapped: a disk that fails under a mapping kills the process instead of raising an error, and reading
        # costs a twentieth of the checksum that follows.
        with _translated('read', key), open(self._path(key), 'rb', buffering=0) as file:
            return memoryview(file.read())

    def get_range(self, key: str, start: int, length: int) -> memoryview:
        """Bytes `start … start + length` of the object; fewer if it ends before."""
        with _translated('read', key), open(self._path(key), 'rb') as file:
            file.seek(start)
            return memoryview(file.read(length))

    def list(self, prefix: str) -> Iterator[str]:
        """The keys that begin with `prefix`."""
        folder = self._path(prefix).parent if prefix else self.root
        with _translated('list', prefix):
            found = [
                (Path(parent) / name).relative_to(self.root).as_posix()
                for parent, _, names in os.walk(folder, onerror=_raise_unless_missing)
                for name in names
                if not name.startswith(TEMPORARY_PREFIX)
            ]
        return (key for key in found if key.startswith(prefix))

    def delete(self, key: str) -> None:
        with _translated('delete', key):
            self._path(key).unlink(missing_ok=True)

    def remove_unfinished(self, grace_seconds: float) -> int:
        """Delete what crashed writers left and nobody touched for `grace_seconds`; returns how many files."""
        removed = 0
        with _translated('clean', str(self.root)):
            for path in self.root.rglob(f'{TEMPORARY_PREFIX}*'):
                if time.time() - path.stat().st_mtime >= grace_seconds:
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    def _path(self, key: str) -> Path:
        # A key with `..` would reach files that are not ours.
        if key.startswith('/') or '..' in key.split('/'):
            raise RequestError(ErrorCode.INVALID_PATH, f'{key!r} is not a key: it must be a relative path without `..`')
        # A prefix that ends in `/` names everything in a folder; the empty last part keeps that folder as the parent.
        return self.root / key if not key.endswith('/') else self.root / key / '_'


def _write_and_sync(path: Path, data: bytes | memoryview) -> None:
    with open(path, 'xb', buffering=0) as file:
        rest = memoryview(data).cast('B')
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())


def _make_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, so that each new name survives power loss."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == 'nt':  # Windows cannot open a folder; NTFS journals its names.
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


@contextmanager
def _translated(verb: str, key: str) -> Iterator[None]:
    """The one place where an error of the operating system becomes one of ours."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise _missing(verb, key, error) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ServiceUnavailableError(ErrorCode.STORE_UNAVAILABLE, f'could not {verb} {key!r}: {reason}') from error


def _missing(verb: str, key: str, error: OSError) -> Error:
    if verb == 'read':
        return NotFoundError(ErrorCode.STORAGE_NOT_FOUND, f'file {key!r} does not exist in the store')
    return ServiceUnavailableError(ErrorCode.STORE_UNAVAILABLE, f'could not {verb} {key!r}: {error.strerror}')
