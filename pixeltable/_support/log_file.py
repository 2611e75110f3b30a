"""The log of a home: one file for all processes, which rotates without losing a line.

A process that renames the file when it is full, as the standard library's handler does, pulls it away from others that go on
writing into the old one, or rename it once more. Here each line is one write in append mode, which the kernel does not mix with
another's; the process looks now and then whether the file is still the one that it has open; and only who holds a lock renames.
One file for all, and not one for each process, is what a person wants to read, and needs nobody to tidy up.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from pathlib import Path

from pixeltable._support.disk import is_at
from pixeltable._support.secrets import redacted

FILE_NAME = 'pixeltable.log'
MAX_BYTES = 10 << 20
OLD_FILES = 4
LOOK_SECONDS = 1.0
"""A process writes on into a file that another renamed for no longer than this."""

_FORMAT = '%(asctime)s %(levelname)s %(process)d %(threadName)s: %(message)s'


class LogFile(logging.Handler):
    """Appends records to `pixeltable.log` in `folder`; both are made when there is something to write."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        super().__init__()
        self._path = folder / FILE_NAME
        self._max_bytes = max_bytes
        self._descriptor: int | None = None
        self._look_at = 0.0
        self._room = 0
        self.setFormatter(logging.Formatter(_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`; called with its lock held."""
        try:
            line = f'{redacted(self.format(record))}\n'.encode(errors='backslashreplace')
            os.write(self._opened(len(line)), line)
        except Exception:  # noqa: BLE001  as the handlers of the standard library: a log must not break what it tells of
            self.handleError(record)

    def close(self) -> None:
        """Closes the file. A later record would open it again."""
        self.acquire()
        try:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
        finally:
            self.release()
            super().close()

    def _opened(self, more: int) -> int:
        """The file with the name of the log, with room for `more` bytes."""
        self._room -= more
        if self._descriptor is not None and self._room >= 0 and time.monotonic() < self._look_at:
            return self._descriptor
        descriptor = self._current()
        if 0 < os.fstat(descriptor).st_size > self._max_bytes - more:
            self._rotate(more)
            descriptor = self._current()
        self._look_at = time.monotonic() + LOOK_SECONDS
        # Others write, too: a look is due after a part of what is left.
        self._room = (self._max_bytes - os.fstat(descriptor).st_size) // 4 - more
        return descriptor

    def _current(self) -> int:
        if self._descriptor is not None:
            if is_at(self._descriptor, self._path):
                return self._descriptor
            os.close(self._descriptor)
            self._descriptor = None
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Only for the user: arguments of functions may stand in messages.
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor

    def _rotate(self, more: int) -> None:
        lock = os.open(self._path.with_suffix('.lock'), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Another process may have been faster, and may not have made the new file yet.
            if not self._path.exists() or self._path.stat().st_size <= self._max_bytes - more:
                return
            for number in range(OLD_FILES, 0, -1):
                older = self._old(number - 1)
                if older.exists():
                    older.replace(self._old(number))
        finally:
            os.close(lock)

    def _old(self, number: int) -> Path:
        return self._path.with_name(f'{FILE_NAME}.{number}') if number else self._path
