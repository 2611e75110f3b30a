"""Runs SQLAlchemy statements on the driver's own cursor, with one connection a thread.

SQLAlchemy writes the SQL, once for each statement; its execution layer costs more than the statement on the path of a
one-row insert, so it is left out. What the driver raises is translated here, and nothing above sees it. Knows no table of
the catalog.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import ClauseElement

from pixeltable.errors import Error, ErrorCode, InternalError, RequestError

_NOTHING: dict[str, Any] = {}

# Connections of a parent process. Closing one in the child would touch the parent's locks, so they are kept for good.
_INHERITED: list[Any] = []


class Driver(Protocol):
    """A database product: `connect`, then statements between `begin_*` and COMMIT; `translate` for what is in `errors`."""

    errors: tuple[type[Exception], ...]
    dialect: Dialect

    def connect(self) -> Any: ...

    def begin_read(self, connection: Any) -> None: ...

    def begin_write(self, connection: Any) -> None: ...

    def in_transaction(self, connection: Any) -> bool: ...

    def translate(self, error: Exception) -> Error: ...


class _Compiler:
    """SQL text and constant parameters of each statement, made when first used."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: dict[ClauseElement, tuple[str, dict[str, Any]]] = {}

    def __call__(self, statement: ClauseElement) -> tuple[str, dict[str, Any]]:
        compiled = self._compiled.get(statement)
        return compiled if compiled is not None else self._compile(statement)

    def _compile(self, statement: ClauseElement) -> tuple[str, dict[str, Any]]:
        compiled = statement.compile(dialect=self._dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        result = self._compiled[statement] = str(compiled), constants
        return result


class Connection:
    """One thread's connection."""

    def __init__(self, driver: Driver, compiler: _Compiler) -> None:
        self._driver = driver
        self._compiler = compiler
        try:
            self.raw = driver.connect()
            self._cursor = self.raw.cursor()
        except driver.errors as error:
            raise driver.translate(error) from error
        self.release = weakref.finalize(self, _release, self.raw, os.getpid())

    def command(self, text: str) -> list[Any]:
        """Runs SQL that has no parameters, as it is."""
        try:
            self._cursor.execute(text)
            return self._cursor.fetchall() if self._cursor.description else []
        except self._driver.errors as error:
            raise self._driver.translate(error) from error

    def execute(self, statement: ClauseElement, parameters: Mapping[str, Any] = _NOTHING) -> int:
        """Runs a statement that gives no rows; returns how many it changed."""
        text, constants = self._compiler(statement)
        try:
            self._cursor.execute(text, {**constants, **parameters} if constants else parameters)
        except self._driver.errors as error:
            raise self._driver.translate(error) from error
        count: int = self._cursor.rowcount
        return count

    def execute_many(self, statement: ClauseElement, parameters: Sequence[Mapping[str, Any]]) -> None:
        text, constants = self._compiler(statement)
        try:
            self._cursor.executemany(text, [{**constants, **each} for each in parameters] if constants else parameters)
        except self._driver.errors as error:
            raise self._driver.translate(error) from error

    def rows(self, statement: ClauseElement, parameters: Mapping[str, Any] = _NOTHING) -> list[Any]:
        """All rows, always: a cursor left half read would keep the transaction open."""
        text, constants = self._compiler(statement)
        try:
            self._cursor.execute(text, {**constants, **parameters} if constants else parameters)
            rows: list[Any] = self._cursor.fetchall()
        except self._driver.errors as error:
            raise self._driver.translate(error) from error
        return rows

    def row(self, statement: ClauseElement, parameters: Mapping[str, Any] = _NOTHING) -> Any:
        """The first row, or None."""
        rows = self.rows(statement, parameters)
        return rows[0] if rows else None

    def create_all(self, metadata: MetaData) -> None:
        for table in metadata.sorted_tables:
            self.command(str(CreateTable(table).compile(dialect=self._driver.dialect)))
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                self.command(str(CreateIndex(index).compile(dialect=self._driver.dialect)))

    @property
    def in_transaction(self) -> bool:
        return self._driver.in_transaction(self.raw)

    @contextmanager
    def transaction(self, begin: Callable[[Any], None]) -> Iterator[None]:
        try:
            try:
                begin(self.raw)
            except self._driver.errors as error:
                raise self._driver.translate(error) from error
            yield
            self.command('COMMIT')
        except BaseException:
            if self.in_transaction:
                self.command('ROLLBACK')
            raise


def _release(raw: Any, pid: int) -> None:
    if os.getpid() == pid:
        raw.close()
    else:
        _INHERITED.append(raw)


class _Process:
    """What belongs to one process and must not be used by a child that it forks."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.local = threading.local()
        self.connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self.connections_lock = threading.Lock()
        # Threads of one process queue here, as waiting on the database's own lock means sleeping and asking again.
        self.write_lock = threading.Lock()


class Database:
    """A database that any thread, and any forked child, may use."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._compiler = _Compiler(driver.dialect)
        self._process = _Process()
        self._closed = False

    def connection(self) -> Connection:
        """The calling thread's connection."""
        process = self._process
        if process.pid != os.getpid():
            _INHERITED.append(process)
            process = self._process = _Process()
        connection: Connection | None = getattr(process.local, 'connection', None)
        if connection is None or self._closed:
            connection = self._connect(process)
        return connection

    def _connect(self, process: _Process) -> Connection:
        if self._closed:
            raise RequestError(ErrorCode.INVALID_STATE, 'The catalog is closed. Start again with pxt.init().')
        connection = process.local.connection = Connection(self._driver, self._compiler)
        with process.connections_lock:
            process.connections.add(connection)
        return connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Statements that all see the same commit. May be nested."""
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        with connection.transaction(self._driver.begin_read):
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Statements that take effect together when the block ends, or not at all if it raises. Not nested."""
        connection = self.connection()
        if connection.in_transaction:
            raise InternalError(ErrorCode.INTERNAL_ERROR, 'A catalog transaction was begun inside another one.')
        with self._process.write_lock, connection.transaction(self._driver.begin_write):
            yield connection

    def close(self) -> None:
        """Closes the connections of all threads. Nothing can be read or written afterwards."""
        self._closed = True
        if self._process.pid != os.getpid():
            return
        with self._process.connections_lock:
            connections = list(self._process.connections)
        for connection in connections:
            connection.release()
