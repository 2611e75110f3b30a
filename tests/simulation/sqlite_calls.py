"""Puts a watcher between SQLite and the operating system: the real SQLite, the real files, every write and sync of theirs.

SQLite reaches files through a *VFS*, a table of functions (https://www.sqlite.org/vfs.html); `watched_sqlite` replaces those
that tests care about in the table of the standard one, in this process, until the block ends. Statements, locks and the
connections of other files go on as ever.

What counts after a power loss needs no knowledge of what SQLite means to do: each write and sync is in the log, and
`file_system` makes of them what a disk may. So these come out by themselves:

- COMMIT with `synchronous=FULL` writes the frames of the transaction to `-wal` and syncs it: before that sync, frames may be
  lost, torn, out of order or whole; after it they are there. Each frame has a checksum over all before it: what recovery finds
  is the transactions whose frames are whole up to their last one. So a transaction whose COMMIT never returned may be there,
  and one whose COMMIT did return must.
- The database file changes only in a checkpoint, after a sync of the log, and is synced before the log is written anew from
  its start. At each point one of the two has every page.
- A log that is new is synced together with its folder; so is a rollback journal, and what SQLite deletes for good.
- `-shm` is an index over the log in shared memory, which recovery makes again. It is written through a mapping, which the VFS
  does not see, and no state has it.

Faults are the error codes that the standard VFS gives for failing calls, so that SQLite's own handling of them runs.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, c_int, c_void_p
from typing import Any

from file_system import FailedSync, Sync, SyncFolder, Truncate, Write
from sqlite_vfs import DELETE, GET_CALL, OPEN, OPEN_FOLDER, SET_CALL, SYNC, TRANSFER, TRUNCATE, File, Methods, Vfs
from watching import Fault, Watcher

OK, BUSY, IO_ERROR, FULL, CANNOT_OPEN = 0, 5, 10, 13, 14
_IO_ERROR_OF = {'read': 1, 'write': 3, 'fsync': 4, 'truncate': 6, 'unlink': 10}
CREATE, TEMPORARY_KINDS = 0x4, 0x200 | 0x400 | 0x1000


def _code(call: str, fault: Fault) -> int:
    """What the standard VFS returns when a call of the operating system fails like that."""
    if call == 'open':
        return CANNOT_OPEN
    if call == 'lock':
        return BUSY
    if call == 'write' and fault.number == errno.ENOSPC:
        return FULL
    return IO_ERROR | _IO_ERROR_OF[call] << 8


class _Hooks:
    """The replacements, and what they replace. One at a time in a process."""

    def __init__(self, vfs: Vfs, watcher: Watcher) -> None:
        self._vfs = vfs
        self._watcher = watcher
        self._names: dict[int, tuple[str, int]] = {}
        """By the address of an open file, its name and inode."""
        self._patched: dict[int, Methods] = {}
        self._thread = threading.local()
        self.kept: list[Any] = []  # what C calls must live
        self.open = OPEN(vfs.xOpen)
        self.delete = DELETE(vfs.xDelete)
        self.open_folder = OPEN_FOLDER(GET_CALL(vfs.xGetSystemCall)(ctypes.addressof(vfs), b'openDirectory'))

    def install(self) -> None:
        self._saved = self._vfs.xOpen, self._vfs.xDelete
        self._vfs.xOpen = self._keep(OPEN(self._open))
        self._vfs.xDelete = self._keep(DELETE(self._delete))
        self._set_open_folder(self._keep(OPEN_FOLDER(self._open_folder)))

    def remove(self) -> None:
        """Files that are still open keep their hooks, which then do nothing but pass on."""
        self._vfs.xOpen, self._vfs.xDelete = self._saved
        self._set_open_folder(None)
        self._names.clear()

    def _set_open_folder(self, function: int | None) -> None:
        SET_CALL(self._vfs.xSetSystemCall)(ctypes.addressof(self._vfs), b'openDirectory', function)

    def _keep(self, function: Any) -> int:
        self.kept.append(function)
        address = ctypes.cast(function, c_void_p).value
        assert address is not None
        return address

    def _fault(self, call: str, name: str) -> tuple[Fault | None, int]:
        fault = self._watcher.before(f'sqlite {call}', name)
        return fault, OK if fault is None else _code(call, fault)

    def _open(self, vfs: int, path: int | None, file: int, flags: int, out: Any) -> int:
        text = ctypes.string_at(path).decode() if path else None
        name = self._watcher.name(text) if text is not None and not flags & TEMPORARY_KINDS else None
        if name is None:
            self._names.pop(file, None)
            return int(self.open(vfs, path, file, flags, out))
        fault, code = self._fault('open', name)
        if fault is not None:
            File.from_address(file).pMethods = None
            return code
        is_new = bool(flags & CREATE) and not os.path.exists(str(text))
        result = int(self.open(vfs, path, file, flags, out))
        if result == OK:
            self._names[file] = name, self._watcher.inode(name, is_new=is_new)
            self._patch(File.from_address(file))
        return result

    def _patch(self, file: File) -> None:
        address = ctypes.addressof(file.pMethods.contents)
        if address not in self._patched:
            original = file.pMethods.contents
            patched = Methods.from_buffer_copy(original)
            reading, writing = TRANSFER(original.xRead), TRANSFER(original.xWrite)
            truncating, syncing = TRUNCATE(original.xTruncate), SYNC(original.xSync)
            locking = CFUNCTYPE(c_int, c_void_p, c_int, c_int, c_int)(original.xShmLock)
            patched.xRead = self._keep(TRANSFER(lambda *args: self._read(reading, *args)))
            patched.xWrite = self._keep(TRANSFER(lambda *args: self._write(writing, *args)))
            patched.xTruncate = self._keep(TRUNCATE(lambda *args: self._truncate(truncating, *args)))
            patched.xSync = self._keep(SYNC(lambda *args: self._sync(syncing, *args)))
            patched.xShmLock = self._keep(type(locking)(lambda *args: self._lock(locking, *args)))
            self._patched[address] = patched
        file.pMethods = ctypes.pointer(self._patched[address])

    def _read(self, read: Any, file: int, data: int, size: int, offset: int) -> int:
        known = self._names.get(file)
        fault, code = self._fault('read', known[0]) if known else (None, OK)
        return code if fault is not None else int(read(file, data, size, offset))

    def _write(self, write: Any, file: int, data: int, size: int, offset: int) -> int:
        known = self._names.get(file)
        if known is None:
            return int(write(file, data, size, offset))
        name, inode = known
        fault, code = self._fault('write', name)
        if fault is not None and fault.when == 'before':
            return code
        size = size if fault is None or fault.when == 'after' else size // 2
        result = int(write(file, data, size, offset))
        if result == OK:
            self._watcher.note(Write(inode, offset, ctypes.string_at(data, size)))
        return result or code

    def _truncate(self, truncate: Any, file: int, size: int) -> int:
        known = self._names.get(file)
        fault, code = self._fault('truncate', known[0]) if known else (None, OK)
        if fault is not None:
            return code
        result = int(truncate(file, size))
        if known is not None and result == OK:
            self._watcher.note(Truncate(known[1], size))
        return result

    def _sync(self, sync: Any, file: int, flags: int) -> int:
        known = self._names.get(file)
        if known is None:
            return int(sync(file, flags))
        name, inode = known
        fault, code = self._fault('fsync', name)
        if fault is not None and fault.when != 'after':
            self._watcher.note(FailedSync(inode))
            return code
        self._thread.opened_folder = False
        result = int(sync(file, flags))
        if result == OK:
            self._watcher.note(Sync(inode))
            self._synced_folder(name)
        return result or code

    def _delete(self, vfs: int, path: bytes, sync_folder: int) -> int:
        name = self._watcher.name(path.decode())
        if name is None:
            return int(self.delete(vfs, path, sync_folder))
        fault, code = self._fault('unlink', name)
        if fault is not None:
            return code
        self._thread.opened_folder = False
        result = int(self.delete(vfs, path, sync_folder))
        if result == OK:
            self._watcher.unlinked(name)
            self._synced_folder(name)
        return result

    def _lock(self, lock: Any, file: int, offset: int, count: int, flags: int) -> int:
        known = self._names.get(file)
        is_taking = flags & 2  # SQLITE_SHM_LOCK
        fault, code = self._fault('lock', known[0]) if known and is_taking else (None, OK)
        return code if fault is not None else int(lock(file, offset, count, flags))

    def _open_folder(self, path: bytes, out: Any) -> int:
        """SQLite opens a folder for one purpose: to sync it."""
        self._thread.opened_folder = True
        return int(self.open_folder(path, out))

    def _synced_folder(self, name: str) -> None:
        if self._thread.opened_folder:
            self._watcher.note(SyncFolder(name.rpartition('/')[0]))


@contextmanager
def watched_sqlite(watcher: Watcher) -> Iterator[None]:
    """Inside, SQLite tells `watcher` of what it does to files below its root. Not for processes with a SQLite of their own."""
    library = ctypes.CDLL(_sqlite3.__file__)  # leads to the one library that the module uses
    library.sqlite3_vfs_find.restype = POINTER(Vfs)
    hooks = _Hooks(library.sqlite3_vfs_find(None).contents, watcher)
    hooks.install()
    _ALIVE.append(hooks)
    try:
        yield
    finally:
        hooks.remove()


_ALIVE: list[_Hooks] = []
"""A connection that outlives its test still calls its hooks."""
