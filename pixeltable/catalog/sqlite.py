"""SQLite as the catalog's database: how to connect, how transactions begin, and what its errors mean to a user.

The only module that knows the package `sqlite3`. Connecting writes nothing; `prepare` makes a new file ready.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect

from pixeltable.errors import Error, ErrorCode, InternalError, RequestError, ServiceUnavailableError

WAIT_S = 60.0
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_INTERRUPT,
}
_NOT_TEXT = 'Could not decode to UTF-8'  # which has no code of its own
_NOT_WRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}


class SqliteDriver:
    """The `Driver` of one database file."""

    elsewhere = 'Set PIXELTABLE_HOME, or pass pxt.init() another home folder.'
    is_shared = False
    relations = "SELECT name FROM sqlite_master WHERE type = 'table'"
    integrity: str | None = 'PRAGMA integrity_check'
    errors: tuple[type[Exception], ...] = (sqlite3.Error, UnicodeError, OverflowError)

    def __init__(
        self,
        file: Path,
        name: str = 'catalog',
        cure: str = 'Restore it from a backup, or set PIXELTABLE_HOME to another folder.',
    ) -> None:
        """`name` is what messages call the database, and `cure` what they say to do when it is damaged."""
        self.file = file
        self._name = name
        self._cure = cure
        self.place = str(file)
        self.dialect: Dialect = sqlite.dialect(paramstyle='named')

    def connect(self) -> sqlite3.Connection:
        # Each thread has its own connection; another one only ever closes it.
        connection = sqlite3.connect(
            self.file,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
            timeout=WAIT_S,
        )
        connection.execute('PRAGMA synchronous=FULL')
        connection.execute('PRAGMA cache_size=-16384')
        # A commit that makes the log grow takes a third longer than one that writes over what a checkpoint has freed.
        connection.execute('PRAGMA wal_autocheckpoint=400')
        return connection

    def prepare(self, raw: sqlite3.Connection) -> None:
        """Puts the file into WAL mode, which it keeps: readers never wait for a writer, and a commit is one fsync."""
        _patiently(raw, 'PRAGMA journal_mode=WAL')  # for which SQLite itself never waits

    def cursor(self, raw: sqlite3.Connection) -> sqlite3.Cursor:
        return raw.cursor()

    def begin_read(self, raw: sqlite3.Connection) -> None:
        raw.execute('BEGIN')

    def begin_write(self, raw: sqlite3.Connection) -> None:
        """Takes the write lock at once, so that what is read inside cannot have changed when it is written.

        SQLite's own waiting sleeps ever longer, up to 100 ms, and starves beside a writer that is always busy.
        """
        raw.execute('PRAGMA busy_timeout=0')
        try:
            _patiently(raw, 'BEGIN IMMEDIATE')
        finally:
            raw.execute(f'PRAGMA busy_timeout={int(WAIT_S * 1000)}')

    def pipeline(self, raw: sqlite3.Connection) -> AbstractContextManager[Callable[[], None]]:
        """Every statement is answered when it returns."""
        return nullcontext(_nothing)

    def in_transaction(self, raw: sqlite3.Connection) -> bool:
        return raw.in_transaction

    def is_lost(self, raw: sqlite3.Connection, error: Exception) -> bool:
        """After an I/O error a COMMIT may lie in the log and yet have failed; see `catalog/commit.py`."""
        return getattr(error, 'sqlite_errorcode', -1) & 0xFF == sqlite3.SQLITE_IOERR

    def scrub(self, command: Callable[[str], list[Any]]) -> list[str]:
        """Writes the file anew, as deleted values stay in parts of it that are not in use, and empties the log."""
        command('VACUUM')
        is_busy = command('PRAGMA wal_checkpoint(TRUNCATE)')[0][0]
        return [f'{self.place}-wal, until the process that is reading the catalog ends'] if is_busy else []

    def translate(self, error: Exception) -> Error:
        """The error of ours that says what `error` means for the user."""
        if not isinstance(error, sqlite3.Error | UnicodeDecodeError):
            return RequestError(ErrorCode.INVALID_ARGUMENT, f'A value cannot be stored in the {self._name}: {error}')
        code = getattr(error, 'sqlite_errorcode', -1) & 0xFF
        if code in _DAMAGED or isinstance(error, UnicodeDecodeError) or str(error).startswith(_NOT_TEXT):
            return RequestError(
                ErrorCode.INVALID_CONFIGURATION,
                f'{str(self.file)!r} is not a {self._name}, or is damaged ({error}). {self._cure}',
            )
        if code in _NOT_WRITABLE:
            return RequestError(
                ErrorCode.INVALID_CONFIGURATION,
                f'The {self._name} {str(self.file)!r} cannot be written ({error}). Make it and its folder writable, or set '
                'PIXELTABLE_HOME to another folder.',
            )
        if code in _UNAVAILABLE:
            return ServiceUnavailableError(
                ErrorCode.DATABASE_UNAVAILABLE,
                f'The {self._name} {str(self.file)!r} is not available: {error}. Another process may hold it, or the disk may '
                'be full or failing; try again.',
            )
        return InternalError(
            ErrorCode.INTERNAL_ERROR, f'A statement failed on the {self._name} {str(self.file)!r}: {error}'
        )


def _patiently(raw: sqlite3.Connection, statement: str) -> None:
    """Runs a statement, again and again for as long as others hold the lock that it needs."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            raw.execute(statement).fetchall()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(0.0002, 0.002))


def _nothing() -> None:
    pass
