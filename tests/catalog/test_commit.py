"""Commits whose COMMIT goes unanswered, and commits that the database refuses in favour of somebody else's."""

import contextlib
import sqlite3
import sys

import pytest
from ready import Program, script
from servers import Proxy

from pixeltable.catalog.changes import CreateDirectory
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.driver import OutcomeUnknownError
from pixeltable.catalog.home import open_home
from pixeltable.catalog.tables import meta
from pixeltable.errors import ConcurrencyError, ErrorCode, RequestError, ServiceUnavailableError


@pytest.fixture
def proxy(postgres, postgres_url):
    proxy = Proxy(postgres.port)
    yield proxy
    proxy.close()


@pytest.fixture
def behind(proxy, postgres, postgres_url, home, bench_class):
    """A catalog that is reached through the proxy."""
    open_home(home, postgres_url).close()
    catalog = open_home(home, postgres_url.replace(f':{postgres.port}/', f':{proxy.port}/'))
    yield bench_class(catalog)
    catalog.close()


def directories(catalog):
    return [path for path, _ in catalog.list_paths()]


COMMIT = b'COMMIT\0'


@pytest.mark.parametrize('how', ['lost_answer', 'late_request'])
def test_a_commit_that_arrives_unanswered_is_found(behind, proxy, how):
    setattr(proxy, how, COMMIT)
    committed = behind.run(CreateDirectory('a'))
    assert committed.commit == behind.catalog.last_commit() == 1
    assert directories(behind.catalog) == ['a']


def test_a_commit_that_never_arrives_changes_nothing(behind, proxy):
    proxy.lost_request = COMMIT
    with pytest.raises(ServiceUnavailableError, match='Nothing was changed') as caught:
        behind.run(CreateDirectory('a'))
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert caught.value.is_retryable
    assert directories(behind.catalog) == []
    behind.run(CreateDirectory('a'))


def test_what_cannot_be_looked_up_is_unknown(behind, proxy, monkeypatch):
    monkeypatch.setattr('pixeltable.catalog.commit.LOOK_UP_S', 0.2)
    commit = Connection._commit

    def last_words(self):
        proxy.is_open = False
        commit(self)

    monkeypatch.setattr(Connection, '_commit', last_words)
    proxy.lost_answer = COMMIT
    with pytest.raises(OutcomeUnknownError, match='not known'):
        behind.run(CreateDirectory('a'))
    proxy.is_open = True
    assert directories(behind.catalog) == ['a']


def test_a_session_that_is_ended_at_commit_changes_nothing(postgres, postgres_url, home, bench_class, monkeypatch):
    catalog = open_home(home, postgres_url)
    commit = Connection._commit
    ended = []

    def ended_first(self):
        if not ended:
            ended.append(self.raw.info.backend_pid)
            with postgres.connect() as admin:
                admin.execute('SELECT pg_terminate_backend(%s, 5000)', ended)
        commit(self)

    monkeypatch.setattr(Connection, '_commit', ended_first)
    with pytest.raises(ServiceUnavailableError, match='Nothing was changed'):
        bench_class(catalog).run(CreateDirectory('a'))
    assert bench_class(catalog).run(CreateDirectory('a')).commit == 1
    catalog.close()


@pytest.mark.parametrize('is_there', [True, False])
def test_an_io_error_of_sqlite_at_commit(home, bench_class, monkeypatch, is_there):
    catalog = open_home(home)
    commit, failures = Connection._commit, iter([True])

    def failing(self):
        error = sqlite3.OperationalError('disk I/O error')
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        if not next(failures, False):
            return commit(self)
        if is_there:
            commit(self)
        raise error

    monkeypatch.setattr(Connection, '_commit', failing)
    outcome = (
        contextlib.nullcontext() if is_there else pytest.raises(ServiceUnavailableError, match='Nothing was changed')
    )
    with outcome:
        assert bench_class(catalog).run(CreateDirectory('a')).commit == 1
    assert directories(catalog) == ['a'] * is_there
    assert bench_class(catalog).run(CreateDirectory('b')).commit == 1 + is_there
    catalog.close()


FULL = """
import resource, sys
from pathlib import Path
from pixeltable.catalog.changes import Commit, CreateDirectory
from pixeltable.catalog.home import open_home
catalog = open_home(Path(sys.argv[1]))
log = Path(sys.argv[1], 'catalog.db-wal')
for number in range(400):
    print(number, flush=True)
    if number == 3:
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 6000, resource.RLIM_INFINITY))
    catalog.commit(Commit('test', (CreateDirectory(f'd{number}'),)))
"""


@pytest.mark.skipif(sys.platform != 'linux', reason='limits of files differ')
def test_a_log_that_cannot_grow(home):
    output, errors = Program(script(FULL), home).communicate(timeout=60)
    tried = int(output.split()[-1])
    assert 3 <= tried < 399
    assert 'Nothing was changed' in errors.splitlines()[-1]
    catalog = open_home(home)
    assert len(directories(catalog)) == tried
    catalog.close()


REFUSE = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('refusals') <= {times} THEN RAISE EXCEPTION 'refused' USING ERRCODE = '{state}'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON commits FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.mark.parametrize('state', ['40001', '40P01'])
def test_a_commit_that_gave_way_is_tried_again(home, postgres_url, bench_class, state):
    catalog = open_home(home, postgres_url)
    catalog._database.connection().raw.execute(REFUSE.format(times=4, state=state))
    assert bench_class(catalog).run(CreateDirectory('a')).commit == 1
    catalog.close()


def test_a_commit_that_always_gives_way_is_given_up(home, postgres_url, bench_class):
    catalog = open_home(home, postgres_url)
    catalog._database.connection().raw.execute(REFUSE.format(times=100, state='40001'))
    with pytest.raises(ConcurrencyError, match='refused'):
        bench_class(catalog).run(CreateDirectory('a'))
    assert directories(catalog) == []
    catalog.close()


def test_a_catalog_that_was_upgraded_meanwhile_takes_no_commit(bench):
    bench.create()
    newer = meta.update().where(meta.c.key == 'format_version').values(value='999')
    with bench.catalog._database.write() as connection:
        connection.execute(newer)
    with pytest.raises(RequestError, match=r'brought to format 999 .* pip install --upgrade') as error:
        bench.insert()
    assert error.value.error_code is ErrorCode.INVALID_CONFIGURATION
    assert bench.catalog.last_commit() == 1
