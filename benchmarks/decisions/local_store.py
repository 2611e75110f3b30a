"""Decision 0005: what a durable local write costs, and which writers are durable.

.venv/bin/python benchmarks/decisions/local_store.py        # needs strace for the counts of system calls
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import obstore
from obstore.store import LocalStore
from timing import median, syncs

SIZES = (10_000, 1_000_000, 10_000_000)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def by_obstore(home: Path) -> Callable[[str, bytes], object]:
    store = LocalStore(home, mkdir=True)
    return lambda key, data: obstore.put(store, key, data)


def plain(home: Path) -> Callable[[str, bytes], object]:
    """Written and renamed, nothing synced."""

    def put(key: str, data: bytes) -> None:
        (home / f'{key}.tmp').write_bytes(data)
        os.rename(home / f'{key}.tmp', home / key)

    return put


def durable(home: Path) -> Callable[[str, bytes], object]:
    """Written under a name of its own, synced, renamed, the folder synced: after this a power loss changes nothing."""

    def put(key: str, data: bytes) -> None:
        with open(home / f'{key}.tmp', 'wb') as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(home / f'{key}.tmp', home / key)
        sync_folder(home)

    return put


WRITERS = {'obstore LocalStore': by_obstore, 'write and rename': plain, 'write, fsync, rename, fsync folder': durable}


def main() -> None:
    for name, make in WRITERS.items():
        figures = []
        for size in SIZES:
            with tempfile.TemporaryDirectory(dir='.') as folder:
                put, numbers, data = make(Path(folder).resolve()), count(), os.urandom(size)
                figures.append(f'{size / 1e6:g} MB {median(lambda: put(str(next(numbers)), data), 15) * 1e3:.2f} ms')  # noqa: B023
        with tempfile.TemporaryDirectory(dir='.') as folder:
            calls = syncs([__file__, name, folder])
        print(f'{name}: {", ".join(figures)}; system calls of one put: {calls}')


if __name__ == '__main__':
    if len(sys.argv) == 3:
        WRITERS[sys.argv[1]](Path(sys.argv[2]).resolve())('key', b'data')
    else:
        main()
