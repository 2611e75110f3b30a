"""The calls to the operating system by which files are made to last: the seam where tests note each one, or make it fail.

`Disk` has no logic, and costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


class Disk:
    """What `os` offers, under the same names; `size` is that of an open file."""

    open = staticmethod(os.open)
    close = staticmethod(os.close)
    read = staticmethod(os.read)
    write = staticmethod(os.write)
    lseek = staticmethod(os.lseek)
    fsync = staticmethod(os.fsync)
    mkdir = staticmethod(os.mkdir)
    rename = staticmethod(os.rename)
    unlink = staticmethod(os.unlink)

    @staticmethod
    def scandir(folder: Path) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        return os.scandir(folder)

    @staticmethod
    def size(descriptor: int) -> int:
        return os.fstat(descriptor).st_size


@contextmanager
def opened(disk: Disk, path: Path, flags: int) -> Iterator[int]:
    """A descriptor of the file or folder at `path`."""
    descriptor = disk.open(path, flags, 0o666)
    try:
        yield descriptor
    finally:
        disk.close(descriptor)


def sync_folder(disk: Disk, folder: Path) -> None:
    """Returns when the names in `folder` would survive power loss."""
    if os.name == 'nt':  # Windows cannot open a folder; NTFS journals its names.
        return
    with opened(disk, folder, os.O_RDONLY) as descriptor:
        disk.fsync(descriptor)


def make_folder(disk: Disk, folder: Path) -> None:
    """Sees to it that `folder`, and what is missing above it, is there and that its name survives power loss.

    It may be there already, as the work of somebody who has not synced its name yet, or never came to it.
    """
    if not folder.parent.is_dir():
        make_folder(disk, folder.parent)
    try:
        disk.mkdir(folder)
    except FileExistsError:
        if not folder.is_dir():
            raise
    sync_folder(disk, folder.parent)


def is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one that `path` names now: others may have renamed or removed it meanwhile."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    held = os.fstat(descriptor)
    return (held.st_dev, held.st_ino) == (found.st_dev, found.st_ino)


Version = tuple[int, int, int]


def version_of(file: str | int) -> Version | None:
    """What differs when a file, given by its path or opened, has been changed or replaced; None if it is not there."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
