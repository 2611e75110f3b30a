"""What only PostgreSQL does: schemas, and servers that go and come back. Its errors are in `test_postgres_errors.py`."""

import subprocess
import sys
import threading
import time

import pytest
from servers import PostgresServer

from pixeltable.catalog.changes import AddSegment, NewFile
from pixeltable.catalog.home import open_home
from pixeltable.config.settings import load
from pixeltable.errors import ErrorCode, RequestError, ServiceUnavailableError


@pytest.fixture
def catalog_url(postgres_url):
    return postgres_url


@pytest.fixture
def admin(postgres):
    with postgres.connect() as connection:
        yield connection


def schema_of(url):
    return url.rpartition('%3D')[2]


def end_session(postgres, connection):
    with postgres.connect() as admin:
        admin.execute('SELECT pg_terminate_backend(%s, 5000)', [connection.raw.info.backend_pid])


def test_the_settings_do_not_show_a_password(monkeypatch, tmp_path):
    settings = load({'catalog': 'postgresql://u:hush@h/db', 'home': str(tmp_path)})
    assert settings.catalog == 'postgresql://u:hush@h/db'
    assert 'hush' not in repr(settings)
    with pytest.raises(RequestError, match='postgresql://user@host/database') as caught:
        load({'catalog': 'mysql://u:hush@h/db'})
    assert 'hush' not in str(caught.value)


def test_a_missing_package_names_the_extra(home):
    code = (
        'import sys; sys.modules["psycopg"] = None\n'
        'from pathlib import Path\nfrom pixeltable.catalog.home import open_home\n'
        f'open_home(Path({str(home)!r}), "postgresql://u@h/db")'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert "pip install 'pixeltable[postgres]'" in done.stderr.splitlines()[-1]


def test_psycopg_is_not_loaded_for_sqlite(home):
    code = f"""
import sys
from pathlib import Path
from pixeltable.catalog.home import open_home
open_home(Path({str(home)!r}))
assert 'psycopg' not in sys.modules
"""
    subprocess.run([sys.executable, '-c', code], check=True)


def test_catalogs_in_schemas_of_one_database(bench, table, home, admin, postgres, catalog_url):
    name = f'{schema_of(catalog_url)}_Other'
    admin.execute(f'CREATE SCHEMA "{name}"')
    other = open_home(home, postgres.url(f'"{name}"'))
    assert other.id != bench.catalog.id
    assert other.list_paths() == []
    other.close()
    admin.execute(f'DROP SCHEMA "{name}" CASCADE')


def test_tables_of_other_programs_are_no_obstacle(home, admin, catalog_url):
    admin.execute(f'CREATE TABLE {schema_of(catalog_url)}.users (id int)')
    open_home(home, catalog_url).close()
    open_home(home, catalog_url).close()


@pytest.mark.parametrize(
    'foreign',
    ['TABLE files (id int)', 'VIEW tables AS SELECT 1', 'TABLE meta (key text, value text)', 'TABLE meta (id int)'],
)
def test_names_that_another_program_has_taken(home, admin, catalog_url, foreign):
    kind, name, rest = foreign.split(' ', 2)
    admin.execute(f'CREATE {kind} {schema_of(catalog_url)}.{name} {rest}')
    with pytest.raises(RequestError, match=f'names that a catalog needs .*{name}') as caught:
        open_home(home, catalog_url)
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION
    tables = admin.execute(
        'SELECT count(*) FROM pg_class WHERE relnamespace = %s::regnamespace', [schema_of(catalog_url)]
    )
    assert tables.fetchone()[0] < 5


def test_an_index_name_that_another_program_has_taken(home, admin, catalog_url):
    admin.execute(f'CREATE TABLE {schema_of(catalog_url)}.tables_by_id (id int)')
    with pytest.raises(RequestError, match='tables_by_id'):
        open_home(home, catalog_url)


def test_a_connection_lost_while_idle_is_replaced_unseen(bench, postgres, monkeypatch):
    monkeypatch.setattr('pixeltable.catalog.connection.AGE_OF_IDLE_S', 0)
    for work in (bench.catalog.last_commit, bench.create, bench.insert):
        end_session(postgres, bench.catalog._database.connection())
        work()
    assert bench.catalog.last_commit() == 2


def test_a_connection_lost_in_a_write_changes_nothing(bench, postgres):
    def write():
        with bench.catalog._database.write() as connection:
            connection.command('DELETE FROM commits')
            end_session(postgres, connection)
            connection.command('SELECT 1')

    with pytest.raises(ServiceUnavailableError) as caught:
        write()
    assert caught.value.error_code is ErrorCode.DATABASE_UNAVAILABLE
    assert bench.catalog.last_commit() == 0
    bench.create()


def test_a_server_that_goes_and_comes_back(home, bench_class):
    server = PostgresServer()
    try:
        bench = bench_class(open_home(home, server.url()))
        bench.create()
        server.halt()
        for work in (bench.insert, bench.catalog.last_commit):
            with pytest.raises(ServiceUnavailableError, match='not available'):
                work()
        server.start()
        bench.insert(2)
        assert bench.catalog.row_count('t' * 32) == 2
        bench.catalog.close()
    finally:
        server.stop()


def test_a_silent_client_gives_way(home, catalog_url, monkeypatch):
    """One that sleeps inside its turn must not hold up everyone for ever."""
    monkeypatch.setattr('pixeltable.catalog.postgres.WAIT_S', 0.3)
    catalog = open_home(home, catalog_url)

    def sleep():
        with catalog._database.write() as connection:
            time.sleep(1)
            connection.command('DELETE FROM commits')

    with pytest.raises(ServiceUnavailableError):
        sleep()
    assert catalog.last_commit() == 0
    catalog.close()


def test_a_writer_does_not_wait_for_ever(bench, home, catalog_url, monkeypatch):
    monkeypatch.setattr('pixeltable.catalog.postgres.WAIT_S', 0.2)
    other = open_home(home, catalog_url)
    with bench.catalog._database.write(), pytest.raises(ServiceUnavailableError, match='has been writing'):
        other.put_function('hash', 'name', b'')
    other.put_function('hash', 'name', b'')
    other.close()


@pytest.mark.parametrize('data', [b'', b'\0\\x00\xff', bytes(range(256)) * 5000])
def test_bytes_come_back(bench, table, data):
    bench.run(AddSegment(table, 2**40, (NewFile((), len(data), 'sum', data=data, blocks=b'\0'),)))
    (segment,) = bench.catalog.contents(table).segments
    assert (segment.rows, segment.files[0].data, segment.files[0].blocks) == (2**40, data, b'\0')
    assert type(segment.files[0].data) is bytes


def test_a_server_that_is_set_up_to_lose_commits_does_not(home, catalog_url):
    catalog = open_home(home, f'{catalog_url}%20-csynchronous_commit%3Doff')
    assert catalog._database.connection().command('SHOW synchronous_commit') == [('on',)]
    catalog.close()


def test_closed_catalogs_leave_no_session(home, admin, catalog_url):
    catalog = open_home(home, catalog_url)
    threads = [threading.Thread(target=catalog.last_commit) for _ in range(5)]
    for thread in threads:
        thread.start()
        thread.join()
    catalog.close()
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pixeltable'"
    deadline = time.monotonic() + 5
    while admin.execute(count).fetchone()[0] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert admin.execute(count).fetchone() == (0,)
