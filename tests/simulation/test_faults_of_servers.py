"""Lost connections to PostgreSQL, and a bucket that does not answer, at every request of an operation."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from faults import Failed, roll
from homes import opened
from proxy import Proxy
from scenarios import SCENARIOS, quiet

from pixeltable.storage.objects import remote

CYCLES = {'insert': 3, 'update': 2, 'add_column': 2, 'restore': 2}
"""Scenarios, and how many operations of each are different."""


class LostConnections:
    """Cuts the connection to PostgreSQL at a statement: before it is sent, or before its answer can be read."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._left = self._way = 0
        self._failed: Failed | None = None
        for name in ('execute', 'executemany'):
            patch.setattr(psycopg.Cursor, name, self._counting(getattr(psycopg.Cursor, name)))

    def arm(self, number: int, way: int) -> None:
        self._left, self._way, self._failed = number, way, None

    def disarm(self) -> Failed | None:
        self._left = 0
        return self._failed

    def _counting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(cursor: psycopg.Cursor[Any], query: Any, *args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                self._cut(cursor.connection, query)
            return call(cursor, query, *args, **kwargs)

        return counted

    def _cut(self, connection: psycopg.Connection[Any], query: Any) -> None:
        how = (socket.SHUT_RDWR, socket.SHUT_RD)[self._way]
        with socket.socket(fileno=connection.fileno()) as wire:
            wire.shutdown(how)
            wire.detach()
        self._failed = Failed(f'{query} (way {self._way})', self._way == 1)


class FailingServer(Proxy):
    """Answers 503 from some request on, or loses one answer."""

    def __init__(self, server: str) -> None:
        super().__init__(server)
        self._count = self._number = self._way = 0
        self._failed: Failed | None = None
        self._status = self._judged
        self._is_lost = lambda _: self._number > 0 and self._way == 1 and self._count == self._number

    def arm(self, number: int, way: int) -> None:
        self._count, self._number, self._way, self._failed = 0, number, way, None

    def disarm(self) -> Failed | None:
        self._number = 0
        return self._failed

    def _judged(self, request: str) -> int:
        self._count += 1
        if not self._number or self._count < self._number:
            return 0
        self._failed = Failed(f'{request} (way {self._way})', self._way == 1)
        return 503 if self._way == 0 else 0


@pytest.mark.parametrize('name', CYCLES)
def test_lost_connections(
    name: str, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch, record_property: Callable[..., None]
) -> None:
    quiet()
    with opened(tmp_path / 'home', catalog=postgres_url) as session:
        report = roll(session, SCENARIOS[name], LostConnections(monkeypatch), CYCLES[name])
    record_property('summary', f'lost connections, {name}: {report}')


@pytest.mark.parametrize('name', CYCLES)
def test_failing_bucket(
    name: str,
    tmp_path: Path,
    s3_server: str,
    s3_root: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    record_property: Callable[..., None],
) -> None:
    quiet()
    server = FailingServer(s3_server)
    request.addfinalizer(server.stop)
    backoff = {'init_backoff': timedelta(milliseconds=1), 'max_backoff': timedelta(milliseconds=2), 'base': 2}
    monkeypatch.setattr(remote, 'RETRIES', {**remote.RETRIES, 'max_retries': 3, 'backoff': backoff})
    monkeypatch.setenv('AWS_ENDPOINT_URL', server.url)
    with opened(tmp_path / 'home', data=s3_root) as session:
        report = roll(session, SCENARIOS[name], server, CYCLES[name])
    record_property('summary', f'failing bucket, {name}: {report}')
