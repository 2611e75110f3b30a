import sqlite3

import pytest

from pixeltable.catalog.changes import CreateDirectory
from pixeltable.errors import ErrorCode, ServiceUnavailableError


@pytest.fixture
def catalog_url():
    return None


def test_durable_settings(bench):
    connection = bench.catalog._database.connection()
    assert connection.command('PRAGMA journal_mode') == [('wal',)]
    assert connection.command('PRAGMA synchronous') == [(2,)]
    assert connection.command('PRAGMA busy_timeout') == [(60_000,)]


def test_a_locked_catalog_is_unavailable(bench, home, monkeypatch):
    monkeypatch.setattr('pixeltable.catalog.sqlite.WAIT_S', 0.01)
    other = sqlite3.connect(home / 'catalog.db', isolation_level=None)
    other.execute('BEGIN IMMEDIATE')
    with pytest.raises(ServiceUnavailableError, match='locked') as caught:
        bench.run(CreateDirectory('a'))
    other.close()
    assert caught.value.error_code is ErrorCode.DATABASE_UNAVAILABLE
    assert caught.value.is_retryable
    bench.run(CreateDirectory('a'))
