"""The tests' place in the calls of a home: told before each one, which they may make fail, and after it what it changed.

`WatchedDisk` stands in for the disk of object stores and homes; for SQLite see `sqlite_calls`.
"""

from __future__ import annotations

import errno
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from file_system import FOLDER, Event, Link, Rename, Sync, SyncFolder, Unlink, Write

from pixeltable._support.disk import Disk


@dataclass(frozen=True, slots=True)
class Fault:
    """How a call fails: with an error number, before it did anything, after all of it, or halfway."""

    number: int
    when: str = 'before'

    def error(self) -> OSError:
        return OSError(self.number, os.strerror(self.number))


NO_SPACE, IO_ERROR, NOT_ALLOWED = Fault(errno.ENOSPC), Fault(errno.EIO), Fault(errno.EACCES)
HALF_DONE, DONE_UNHEARD = Fault(errno.ENOSPC, 'half'), Fault(errno.EIO, 'after')


class Watcher:
    """Knows the files below the folder `root` by number. Other files are none of its business."""

    def __init__(self, root: Path) -> None:
        self.root = f'{root}/'
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._inodes: dict[str, int] = {}

    def before(self, call: str, path: str) -> Fault | None:
        """Told of each call that concerns `path`. May return how it fails."""
        return None

    def note(self, event: Event) -> None:
        """Told of each change, in the order in which they happened."""

    def name(self, path: Any) -> str | None:
        """What events call `path`; '' is the root itself, None a path elsewhere."""
        text = os.fspath(path)
        return text[len(self.root) :] if f'{text}/'.startswith(self.root) else None

    def inode(self, name: str, *, is_new: bool = False) -> int:
        with self.lock:
            if is_new or name not in self._inodes:
                self._inodes[name] = next(self._numbers)
            if is_new:
                self.note(Link(name, self._inodes[name]))
            return self._inodes[name]

    def renamed(self, source: str, target: str) -> None:
        with self.lock:
            self._inodes[target] = self.inode(source)
            del self._inodes[source]
            self.note(Rename(source, target, self._inodes[target]))

    def unlinked(self, name: str) -> None:
        with self.lock:
            self._inodes.pop(name, None)
            self.note(Unlink(name))


@dataclass
class _Open:
    name: str | None
    inode: int
    position: int = 0


class WatchedDisk(Disk):
    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._open: dict[int, _Open] = {}

    def _call(self, call: str, name: str | None, do: Callable[[], Any], half: Callable[[], Any] | None = None) -> Any:
        """Does it, or what the watcher wants instead."""
        fault = self._watcher.before(call, name) if name is not None else None
        if fault is None or fault.when == 'after':
            result = do()
        elif fault.when == 'half' and half is not None:
            result = half()
        if fault is not None and not (fault.when == 'half' and call == 'read'):
            raise fault.error()
        return result

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:  # type: ignore[override]
        name = self._watcher.name(path)

        def do() -> int:
            descriptor = os.open(path, flags, mode)
            is_folder = os.path.isdir(path)
            inode = FOLDER if is_folder or name is None else self._watcher.inode(name, is_new=bool(flags & os.O_CREAT))
            self._open[descriptor] = _Open(name, inode)
            return descriptor

        return int(self._call('open', name, do))

    def close(self, descriptor: int) -> None:  # type: ignore[override]
        name = self._open.pop(descriptor).name
        os.close(descriptor)
        self._call('close', name, lambda: None)

    def read(self, descriptor: int, length: int) -> bytes:  # type: ignore[override]
        name = self._open[descriptor].name
        less = max(1, length // 2)
        data: bytes = self._call(
            'read', name, lambda: os.read(descriptor, length), half=lambda: os.read(descriptor, less)
        )
        return data

    def write(self, descriptor: int, data: Any) -> int:  # type: ignore[override]
        file, view = self._open[descriptor], memoryview(data)

        def do(part: memoryview) -> int:
            count = os.write(descriptor, part)
            if file.name is not None:
                self._watcher.note(Write(file.inode, file.position, bytes(part[:count])))
            file.position += count
            return count

        return int(self._call('write', file.name, lambda: do(view), half=lambda: do(view[: len(view) // 2])))

    def lseek(self, descriptor: int, position: int, how: int) -> int:  # type: ignore[override]
        return int(self._call('lseek', self._open[descriptor].name, lambda: os.lseek(descriptor, position, how)))

    def size(self, descriptor: int) -> int:  # type: ignore[override]
        return int(self._call('size', self._open[descriptor].name, lambda: os.fstat(descriptor).st_size))

    def fsync(self, descriptor: int) -> None:  # type: ignore[override]
        file = self._open[descriptor]

        def do() -> None:  # the disk of the test need not turn
            if file.name is not None:
                self._watcher.note(SyncFolder(file.name) if file.inode == FOLDER else Sync(file.inode))

        self._call('fsync', file.name, do)

    def mkdir(self, folder: Any) -> None:  # type: ignore[override]
        name = self._watcher.name(folder)

        def do() -> None:
            os.mkdir(folder)
            if name is not None:
                self._watcher.note(Link(name, FOLDER))

        self._call('mkdir', name, do)

    def rename(self, source: Any, target: Any) -> None:  # type: ignore[override]
        old, new = self._watcher.name(source), self._watcher.name(target)

        def do() -> None:
            os.rename(source, target)
            if old is not None and new is not None:
                self._watcher.renamed(old, new)

        self._call('rename', old, do)

    def unlink(self, path: Any) -> None:  # type: ignore[override]
        name = self._watcher.name(path)

        def do() -> None:
            os.unlink(path)
            if name is not None:
                self._watcher.unlinked(name)

        self._call('unlink', name, do)

    def scandir(self, folder: Any) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:  # type: ignore[override]
        found: AbstractContextManager[Iterator[os.DirEntry[str]]] = self._call(
            'scandir', self._watcher.name(folder), lambda: os.scandir(folder)
        )
        return found
