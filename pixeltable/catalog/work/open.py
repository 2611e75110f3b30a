"""The work database of a home: `work.db` beside the catalog, or tables beside the catalog's in PostgreSQL.

Nothing in it is needed to read or write a table, so it is opened when something first asks for it, and a file that cannot be used
may be deleted. Its writers have a lock of their own: none of them waits for a commit to the catalog.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import bindparam, select

from pixeltable._support.forks import in_forked_child
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.database import Database
from pixeltable.catalog.driver import Driver
from pixeltable.catalog.postgres import WORK_LOCK, PostgresDriver
from pixeltable.catalog.sqlite import SqliteDriver
from pixeltable.catalog.work.tables import FORMAT_VERSION, METADATA, meta
from pixeltable.errors import ErrorCode, InternalError, RequestError

FILE_NAME = 'work.db'

_OURS = {table.name for table in METADATA.sorted_tables}
_LOSS = 'what is lost is results that were kept to save calls, learned limits and counts of usage.'
_CURE = f'It may be deleted, with {FILE_NAME}-wal and {FILE_NAME}-shm, while nothing uses it: {_LOSS}'
_CURE_IN_SCHEMA = f'The tables {", ".join(sorted(_OURS))} may be dropped, while nothing uses them: {_LOSS}'
_VERSION = select(meta.c.value).where(meta.c.key == bindparam('key'))
_INSERT = meta.insert()


class WorkDatabase:
    """A `Database` that is opened, and made if there is none, when it is first used. A forked child may go on with it."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._database: Database | None = None
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Statements that all see the same state. May be nested.

        Raises:
            RequestError: INVALID_CONFIGURATION if the database cannot be used.
        """
        with self._opened().read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Statements that take effect together and durably when the block ends, or not at all. Not nested. Raises like `read`."""
        with self._opened().write() as connection:
            yield connection

    def scrub(self) -> list[str]:
        """Overwrites what was deleted; returns where it may still be, in words."""
        return self._opened().scrub()

    def close(self) -> None:
        """Nothing can be read or written afterwards."""
        with self._lock:
            if self._database is None:
                self._database = Database(self._driver)  # one that was never opened says that it is closed, too
            self._database.close()

    def _opened(self) -> Database:
        if self._database is None:
            with self._lock:
                if self._database is None:
                    self._database = _open(self._driver)
        return self._database


def open_work(home: Path, url: str | None) -> WorkDatabase:
    """The work database of `home`, whose catalog is the PostgreSQL database at `url` or a file."""
    if url is None:
        return WorkDatabase(SqliteDriver(home / FILE_NAME, 'work database', _CURE))
    return WorkDatabase(PostgresDriver(url, WORK_LOCK, sorted(_OURS)))


def _open(driver: Driver) -> Database:
    database = Database(driver)
    try:
        connection = database.connection()
        names = connection.tables(_OURS)
        if not names:
            connection.prepare()
        if not (names >= _OURS and _format_version(connection, driver) == FORMAT_VERSION):
            _create(database, driver)
        return database
    except BaseException:
        database.close()
        raise


def _create(database: Database, driver: Driver) -> None:
    """Makes what is missing; begins anew where an older release left what this one cannot use."""
    with database.write() as connection:
        names = connection.tables(_OURS)
        if names and _format_version(connection, driver) < FORMAT_VERSION:
            for name in sorted(names & _OURS):
                connection.command(f'DROP TABLE {name}')
            names = set()
        missing = [table for table in METADATA.sorted_tables if table.name not in names]
        connection.create_tables(missing)
        if meta in missing:
            connection.execute(_INSERT, {'key': 'format_version', 'value': str(FORMAT_VERSION)})


def _format_version(connection: Connection, driver: Driver) -> int:
    """Raises INVALID_CONFIGURATION for a newer format, and for tables that are not ours."""
    try:
        row = connection.row(_VERSION, {'key': 'format_version'})
    except InternalError:
        row = None
    if row is None or not row[0].isdigit():
        raise _refused(driver, 'is none of this program, or is damaged')
    version = int(row[0])
    if version > FORMAT_VERSION:
        known = f'this release uses up to {FORMAT_VERSION}: pip install --upgrade pixeltable'
        raise _refused(driver, f'has format {version}, and {known}')
    return version


def _refused(driver: Driver, what: str) -> RequestError:
    cure = _CURE_IN_SCHEMA if driver.is_shared else _CURE
    return RequestError(ErrorCode.INVALID_CONFIGURATION, f'The work database {driver.place!r} {what}. {cure}')
