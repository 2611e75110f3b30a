"""Runs SQLAlchemy statements on the driver's own cursor.

SQLAlchemy only writes the SQL (see `compiler.py`); its execution layer costs more than the statement on the path of a
one-row insert, so it is left out. What the driver raises is translated here, and nothing above sees it. A connection that
was lost while nothing was under way is replaced. Knows no table of the catalog.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Table
from sqlalchemy.sql.elements import ClauseElement

from pixeltable._support.turns import turns
from pixeltable.catalog.compiler import Compiler
from pixeltable.catalog.driver import Driver, OutcomeUnknownError
from pixeltable.errors import Error

AGE_OF_IDLE_S = 1.0
"""A connection that is lost younger than this is not replaced unseen: whatever ends it would end the next one, too."""

_NOTHING: dict[str, Any] = {}

INHERITED: list[Any] = []
"""Connections of a parent process. Closing one in the child would touch the parent's locks or sockets: they are kept for good."""


class Connection:
    """One thread's connection."""

    def __init__(self, driver: Driver, compiler: Compiler) -> None:
        self._driver = driver
        self._compiler = compiler
        self._wait: Callable[[], None] = _nothing
        self.in_transaction = False
        self._open()

    def _open(self) -> None:
        try:
            self.raw = self._driver.connect()
            self._cursor = self._driver.cursor(self.raw)
            self._sender = self._driver.cursor(self.raw)
        except self._driver.errors as error:
            raise self._driver.translate(error) from error
        self.is_lost = False
        self._opened_at = time.monotonic()
        self.release = weakref.finalize(self, _release, self.raw, os.getpid())

    def prepare(self) -> None:
        """Called once, before a new catalog is created."""
        try:
            self._driver.prepare(self.raw)
        except self._driver.errors as error:
            raise self._driver.translate(error) from error

    def _reopened(self, error: Exception) -> bool:
        """After a statement failed: whether it may run again, on a new connection, as the old one was lost while it lay idle.

        Outside a transaction a statement only reads or begins one.
        """
        self.is_lost = self.is_lost or self._driver.is_lost(self.raw, error)
        if not self.is_lost or self.in_transaction or time.monotonic() < self._opened_at + AGE_OF_IDLE_S:
            return False
        self._abandon()
        self._open()
        return True

    def command(self, text: str) -> list[Any]:
        """Runs SQL that has no parameters, as it is."""
        try:
            self._cursor.execute(text)
            self._wait()
            return self._cursor.fetchall() if self._cursor.description else []
        except self._driver.errors as error:
            if self._reopened(error):
                return self.command(text)
            raise self._driver.translate(error) from error

    def execute(self, statement: ClauseElement, parameters: Mapping[str, Any] = _NOTHING) -> int:
        """Runs a statement that gives no rows; returns how many it changed."""
        text, constants = self._compiler(statement)
        try:
            self._cursor.execute(text, {**constants, **parameters} if constants else parameters)
            self._wait()
        except self._driver.errors as error:
            raise self._failed(error) from error
        count: int = self._cursor.rowcount
        return count

    def send(self, statement: ClauseElement, parameters: Mapping[str, Any]) -> None:
        """Like `execute`, inside a write, but may return before the answer is there: an error may show as late as COMMIT."""
        text, constants = self._compiler(statement)
        try:
            self._sender.execute(text, {**constants, **parameters} if constants else parameters)
        except self._driver.errors as error:
            raise self._failed(error) from error

    def execute_many(self, statement: ClauseElement, parameters: Sequence[Mapping[str, Any]]) -> int:
        """Runs a statement that gives no rows once for each of `parameters`; returns how many rows all of them changed."""
        text, constants = self._compiler(statement)
        try:
            self._cursor.executemany(text, [{**constants, **each} for each in parameters] if constants else parameters)
            self._wait()
        except self._driver.errors as error:
            raise self._failed(error) from error
        count: int = self._cursor.rowcount
        return count

    def rows(self, statement: ClauseElement, parameters: Mapping[str, Any] = _NOTHING) -> list[Any]:
        """All rows, always: a cursor left half read would keep the transaction open."""
        text, constants = self._compiler(statement)
        try:
            self._cursor.execute(text, {**constants, **parameters} if constants else parameters)
            rows: list[Any] = self._cursor.fetchall()
        except self._driver.errors as error:
            if self._reopened(error):
                return self.rows(statement, parameters)
            raise self._driver.translate(error) from error
        return rows

    def row(self, statement: ClauseElement, parameters: Mapping[str, Any] = _NOTHING) -> Any:
        """The first row, or None."""
        rows = self.rows(statement, parameters)
        return rows[0] if rows else None

    def _failed(self, error: Exception) -> Error:
        self.is_lost = self.is_lost or self._driver.is_lost(self.raw, error)
        return self._driver.translate(error)

    def tables(self, ours: Set[str]) -> set[str]:
        """The tables that are there; of a database that others may use too, those that have names of `ours`."""
        names = {row[0] for row in self.command(self._driver.relations)}
        return names & ours if self._driver.is_shared else names

    def create_tables(self, tables: Iterable[Table]) -> None:
        for table in tables:
            for text in self._compiler.creation(table):
                self.command(text)

    @contextmanager
    def read(self) -> Iterator[None]:
        """A transaction that only reads."""
        self._begin(self._driver.begin_read)
        try:
            yield
            self.command('COMMIT')
        except BaseException:
            self._roll_back()
            raise
        finally:
            self.in_transaction = False

    @contextmanager
    def write(self, lock: threading.Lock) -> Iterator[Connection]:
        """A transaction, with `lock` held. Raises OutcomeUnknownError if it cannot be said whether it took effect."""
        with lock:
            self._begin(self._driver.begin_write)
            is_ending = False
            try:
                with self._driver.pipeline(self.raw) as self._wait:
                    yield self
                    is_ending = True
                    self._commit()
            except self._driver.errors as error:  # of COMMIT, or of what was sent with it
                translated = self._failed(error)
                self._roll_back()
                raise (OutcomeUnknownError(translated) if self.is_lost and is_ending else translated) from error
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._wait = _nothing
                self.in_transaction = False

    def _begin(self, begin: Callable[[Any], None]) -> None:
        try:
            begin(self.raw)
        except self._driver.errors as error:
            if not self._reopened(error):
                self._roll_back()
                raise self._driver.translate(error) from error
            self._begin(begin)
        except BaseException:  # an interrupt, while it waited for its turn
            self._roll_back()
            raise
        self.in_transaction = True

    def _commit(self) -> None:
        turns.pass_on()  # it waits for the disk
        self._cursor.execute('COMMIT')

    def _roll_back(self) -> None:
        try:
            if not self.is_lost and self._driver.in_transaction(self.raw):
                self._cursor.execute('ROLLBACK')
        except self._driver.errors:
            self.is_lost = True
        if self.is_lost:
            self._abandon()  # the database rolls back what a connection leaves behind

    def _abandon(self) -> None:
        """Closes the connection. Its cursors first: SQLite keeps one open, with its locks, while a statement is half read."""
        for cursor in (self._cursor, self._sender):
            with suppress(*self._driver.errors):
                cursor.close()
        self.release()


def _nothing() -> None:
    pass


def _release(raw: Any, pid: int) -> None:
    if os.getpid() == pid:
        raw.close()
    else:
        INHERITED.append(raw)
