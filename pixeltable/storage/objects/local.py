"""Objects as files below one folder of a local disk: durable once `put` returns, invisible before.

It is not a cache and knows no format. A crash at any point leaves at most a temporary file, which `list` never shows.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable._support.disk import Disk, make_folder, opened, sync_folder
from pixeltable.errors import Error, ErrorCode, NotFoundError, RequestError, ServiceUnavailableError
from pixeltable.storage.objects import MISSING_REMEDY, ObjectInfo

TEMPORARY_PREFIX = '.writing-'
"""How the names of unfinished files begin."""

_BINARY = getattr(os, 'O_BINARY', 0)  # Windows alone has another mode
_OLD = os.O_RDONLY | _BINARY
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY


class LocalStore:
    """An `ObjectStore` below the folder `root`, which is made when it is first written to."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self.root = root
        self._disk = disk or Disk()
        self._durable_folders: set[Path] = set()

    def put(self, key: str, data: bytes | memoryview) -> None:
        """Write `data` durably: content first, then the name, then the folder that holds the name."""
        path = self._path(key)
        with _translated('write', key):
            self._make_folder(path.parent)
            temporary = path.parent / f'{TEMPORARY_PREFIX}{uuid.uuid4().hex}'
            try:
                self._write_and_sync(temporary, data)
                self._disk.rename(temporary, path)
            except BaseException:
                with contextlib.suppress(OSError):  # the first error tells more; `remove_unfinished` finds what is left
                    self._disk.unlink(temporary)
                raise
            sync_folder(self._disk, path.parent)

    def get(self, key: str) -> memoryview:
        # Read, not mapped: a disk that fails under a mapping kills the process instead of raising an error, and reading
        # costs a twentieth of the checksum that follows.
        with _translated('read', key), opened(self._disk, self._path(key), _OLD) as descriptor:
            return self._read(descriptor, self._disk.size(descriptor))

    def get_range(self, key: str, start: int, length: int) -> memoryview:
        """Bytes `start … start + length` of the object; fewer if it ends before."""
        with _translated('read', key), opened(self._disk, self._path(key), _OLD) as descriptor:
            self._disk.lseek(descriptor, start, os.SEEK_SET)
            return self._read(descriptor, length)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """The objects whose keys begin with `prefix`."""
        folder = self._path(prefix).parent if prefix else self.root
        with _translated('list', prefix):
            found = [
                ObjectInfo(Path(entry.path).relative_to(self.root).as_posix(), status.st_size, status.st_mtime)
                for entry, status in self._files(folder)
                if not entry.name.startswith(TEMPORARY_PREFIX)
            ]
        return (each for each in found if each.key.startswith(prefix))

    def url(self, key: str) -> str:
        """The path of the file, as other programs take it."""
        return str(self._path(key).absolute())

    def delete(self, *keys: str) -> None:
        for key in keys:
            with _translated('delete', key), contextlib.suppress(FileNotFoundError):
                self._disk.unlink(self._path(key))
        for folder in {self._path(key).parent for key in keys}:
            with _translated('clean', str(folder)), contextlib.suppress(FileNotFoundError):
                sync_folder(self._disk, folder)

    def remove_unfinished(self, grace_seconds: float) -> int:
        """Delete what crashed writers left and nobody touched for `grace_seconds`; returns how many files."""
        removed = 0
        with _translated('clean', str(self.root)):
            for entry, status in self._files(self.root):
                is_old = time.time() - status.st_mtime >= grace_seconds
                if is_old and entry.name.startswith(TEMPORARY_PREFIX):
                    removed += self._removed(entry.path)
        return removed

    def _removed(self, path: str) -> int:
        """Deletes a file; returns 0 if another process was faster."""
        try:
            self._disk.unlink(path)
        except FileNotFoundError:
            return 0
        return 1

    def _path(self, key: str) -> Path:
        # A key with `..` would reach files that are not ours.
        if key.startswith('/') or '..' in key.split('/'):
            raise RequestError(ErrorCode.INVALID_PATH, f'{key!r} is not a key: it must be a relative path without `..`')
        # A prefix that ends in `/` names everything in a folder; the empty last part keeps that folder as the parent.
        return self.root / key if not key.endswith('/') else self.root / key / '_'

    def _read(self, descriptor: int, length: int) -> memoryview:
        """The next `length` bytes; fewer if the file ends before. One call may give fewer."""
        data = self._disk.read(descriptor, length)
        parts, missing = [data], length - len(data)
        while data and missing:
            data = self._disk.read(descriptor, missing)
            parts.append(data)
            missing -= len(data)
        return memoryview(parts[0] if len(parts) == 1 else b''.join(parts))

    def _write_and_sync(self, path: Path, data: bytes | memoryview) -> None:
        with opened(self._disk, path, _NEW) as descriptor:
            rest = memoryview(data).cast('B')
            while rest:
                rest = rest[self._disk.write(descriptor, rest) :]
            self._disk.fsync(descriptor)

    def _make_folder(self, folder: Path) -> None:
        """Sees to it, once, that `folder`, the root or one below it, is there and that its name survives power loss."""
        if folder in self._durable_folders and folder.is_dir():
            return
        if folder != self.root:
            self._make_folder(folder.parent)
        is_old_root = folder == self.root and folder.is_dir()
        try:
            make_folder(self._disk, folder)
        except PermissionError:
            if not is_old_root:  # who may not open the folder above the root has not made the root
                raise
        self._durable_folders.add(folder)

    def _files(self, folder: Path) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
        """All files below `folder`, in no order. Leaves out those that vanish meanwhile."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), self._disk.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from self._files(Path(entry.path))
                    continue
                with contextlib.suppress(FileNotFoundError):
                    yield entry, entry.stat()


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
        return NotFoundError(ErrorCode.STORAGE_NOT_FOUND, f'file {key!r} does not exist in the store; {MISSING_REMEDY}')
    return ServiceUnavailableError(ErrorCode.STORE_UNAVAILABLE, f'could not {verb} {key!r}: {error.strerror}')
