"""A database that any thread, and any forked child, may use: one connection a thread, reads and writes as blocks."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from pixeltable.catalog.compiler import compiler
from pixeltable.catalog.connection import INHERITED, Connection
from pixeltable.catalog.driver import Driver
from pixeltable.errors import ErrorCode, InternalError, RequestError


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
        self._compiler = compiler(driver.dialect)
        self._process = _Process()
        self._closed = False

    def connection(self) -> Connection:
        """The calling thread's connection."""
        process = self._process
        if process.pid != os.getpid():
            INHERITED.append(process)
            process = self._process = _Process()
        connection: Connection | None = getattr(process.local, 'connection', None)
        if connection is None or connection.is_lost or self._closed:
            connection = self._connect(process, connection)
        return connection

    def _connect(self, process: _Process, lost: Connection | None) -> Connection:
        if self._closed:
            raise RequestError(ErrorCode.INVALID_STATE, 'The catalog is closed. Start again with pxt.init().')
        if lost is not None:
            lost.release()
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
        with connection.read():
            yield connection

    def write(self) -> AbstractContextManager[Connection]:
        """Statements that take effect together when the block ends, or not at all if it raises. Not nested."""
        connection = self.connection()
        if connection.in_transaction:
            raise InternalError(ErrorCode.INTERNAL_ERROR, 'A catalog transaction was begun inside another one.')
        return connection.write(self._process.write_lock)

    def integrity(self) -> list[str]:
        """What the database itself says is wrong with it; nothing if it is sound, or has no way to tell."""
        if self._driver.integrity is None:
            return []
        return [row[0] for row in self.connection().command(self._driver.integrity) if row[0] != 'ok']

    def scrub(self) -> list[str]:
        """Overwrites what was deleted, as far as the database can; returns where it may still be, in words."""
        connection = self.connection()
        with self._process.write_lock:
            return self._driver.scrub(connection.command)

    def close(self) -> None:
        """Closes the connections of all threads. Nothing can be read or written afterwards."""
        self._closed = True
        if self._process.pid != os.getpid():
            return
        with self._process.connections_lock:
            connections = list(self._process.connections)
        for connection in connections:
            connection.release()
