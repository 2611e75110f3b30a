import sqlite3
import threading

import pytest

from pixeltable.catalog.changes import CreateDirectory
from pixeltable.catalog.sqlite import SqliteDriver
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


def test_a_new_file_that_another_is_preparing_is_waited_for(tmp_path):
    file = tmp_path / 'new.db'
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute('BEGIN EXCLUSIVE')
    released = threading.Timer(0.2, other.execute, ['COMMIT'])
    released.start()
    driver = SqliteDriver(file)
    raw = driver.connect()
    driver.prepare(raw)
    released.join()
    assert raw.execute('PRAGMA journal_mode').fetchall() == [('wal',)]
    raw.close()
    other.close()
