import sqlite3

import pytest
from ready import Program

from pixeltable.catalog.home import open_home
from pixeltable.catalog.migrations import FORMAT_VERSION
from pixeltable.errors import ErrorCode, RequestError


@pytest.fixture
def place_in_postgres(postgres_url):
    return postgres_url


def refused(folder, match):
    """Opening is refused in words, and leaves the folder as it was."""

    def state():
        return {path: path.read_bytes() if path.is_file() else None for path in folder.parent.rglob('*')}

    before = state()
    with pytest.raises(RequestError, match=match) as caught:
        open_home(folder)
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION
    assert state() == before


def test_a_home_is_created_and_opened_again(home, catalog_url):
    first = open_home(home / 'deep', catalog_url)
    identity = first.id
    first.close()
    second = open_home(home / 'deep', catalog_url)
    assert second.id == identity
    assert second.last_commit() == 0
    second.close()


def test_what_was_committed_is_there_after_reopening(bench, table, home, catalog_url):
    bench.insert(3)
    again = open_home(home, catalog_url)
    assert again.contents(table) == bench.catalog.contents(table)
    assert again.schema(table) == bench.catalog.schema(table)
    again.close()


def test_an_empty_file_and_other_files_are_no_obstacle(home):
    home.mkdir()
    (home / 'catalog.db').touch()
    (home / 'config.toml').write_text('[pixeltable]')
    (home / 'logs').mkdir()
    open_home(home).close()


def test_the_home_of_another_program(home):
    (home / 'pgdata').mkdir(parents=True)
    refused(home, 'another program of the same name.*PIXELTABLE_HOME')


def test_a_file_is_no_home(home):
    home.write_text('')
    refused(home, 'cannot be the home folder')
    refused(home / 'below', 'cannot be the home folder')


def test_a_file_that_is_no_database(home):
    home.mkdir()
    (home / 'catalog.db').write_bytes(b'hello, world' * 1000)
    refused(home, r'catalog\.db.*not a catalog')


def test_a_database_of_another_program(home):
    home.mkdir()
    with sqlite3.connect(home / 'catalog.db') as connection:
        connection.execute('CREATE TABLE tables (id)')
    connection.close()
    refused(home, r'catalog\.db.*not a catalog')


@pytest.mark.parametrize('keep', [50, 5000])
def test_a_truncated_catalog(home, keep):
    open_home(home).close()
    file = home / 'catalog.db'
    file.write_bytes(rest := file.read_bytes()[:keep])
    with pytest.raises(RequestError, match=r'catalog\.db.*damaged') as caught:
        open_home(home)
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION
    assert file.read_bytes() == rest


def test_damage_found_later_is_named(home):
    catalog = open_home(home)
    catalog.close()
    file = home / 'catalog.db'
    data = bytearray(file.read_bytes())
    data[8192:] = b'\xff' * (len(data) - 8192)
    file.write_bytes(data)
    with pytest.raises(RequestError, match='damaged') as caught:
        open_home(home).last_commit()
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION


def test_a_newer_format(bench, home, catalog_url):
    with bench.catalog._database.write() as connection:
        connection.command(f"UPDATE meta SET value = '{FORMAT_VERSION + 1}' WHERE key = 'format_version'")
    with pytest.raises(RequestError, match=rf'format {FORMAT_VERSION + 1}.*Upgrade'):
        open_home(home, catalog_url)


APPENDS = """
import os
import sys
from pathlib import Path
from pixeltable.catalog.changes import AddSegment, Commit, NewFile
from pixeltable.catalog.home import open_home
catalog, table = open_home(Path(sys.argv[1]), os.environ.get('PIXELTABLE_CATALOG')), 't' * 32
segment = AddSegment(table, 2, (NewFile((), 1, 'sum', data=b'x'),))
for _ in range(100):
    catalog.commit(Commit('insert', (segment,), (), ((table, 'data', {}),)))
"""


def test_two_processes_lose_nothing(bench, table, home, tmp_path):
    script = tmp_path / 'appends.py'
    script.write_text(APPENDS)
    workers = [Program(script, home) for _ in range(2)]
    said = [worker.communicate() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    segments = bench.catalog.contents(table).segments
    assert [segment.first_id for segment in segments] == list(range(1, 401, 2))
    assert [each.version for each in bench.catalog.versions(table)] == list(range(200, -1, -1))


CREATES = """
import os
import sys
from pathlib import Path
from pixeltable.catalog.home import open_home
print('ready', flush=True)
sys.stdin.readline()
print(open_home(Path(sys.argv[1]), os.environ.get('PIXELTABLE_CATALOG')).id)
"""


def test_processes_that_create_the_same_catalog(home, catalog_url, tmp_path):
    script = tmp_path / 'creates.py'
    script.write_text(CREATES)
    workers = [Program(script, home) for _ in range(8)]
    assert [worker.stdout.readline() for worker in workers] == ['ready\n'] * 8
    for worker in workers:
        worker.stdin.write('go\n')
        worker.stdin.flush()
    outputs = [worker.communicate(timeout=60)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 8
    assert len(set(outputs)) == 1
