"""Commits that threads wait for at the same time go into one transaction, and each is judged by itself."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pixeltable.catalog import together
from pixeltable.catalog.changes import CreateDirectory, RequirementFailed, SchemaIs
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.driver import OutcomeUnknownError
from pixeltable.errors import AlreadyExistsError, ErrorCode, ServiceUnavailableError


@pytest.fixture
def at_once(bench, monkeypatch):
    """Runs commits in threads of their own. The first is held back until the others wait, so that they go together."""
    lead = together.carry_out

    def run(*commits):
        everyone = threading.Event()

        def held_back(database, commit):
            if commit.changes == (CreateDirectory('first'),):
                assert everyone.wait(60)
            return lead(database, commit)

        monkeypatch.setattr(together, 'carry_out', held_back)
        queue = bench.catalog._committer._queue
        with ThreadPoolExecutor(len(commits) + 1) as pool:
            first = pool.submit(bench.run, CreateDirectory('first'))
            while not queue._is_led:
                pass
            futures = []
            for each in commits:
                futures.append(pool.submit(each))
                while len(queue._waiting) < len(futures):
                    pass
            everyone.set()
            first.result(60)
            return [future.exception(60) or future.result() for future in futures]

    return run


@pytest.fixture
def transactions(monkeypatch):
    """How many transactions were written."""
    written = []
    commit = Connection._commit

    def counted(connection):
        written.append(1)
        commit(connection)

    monkeypatch.setattr(Connection, '_commit', counted)
    return written


def paths(bench):
    return [path for path, _ in bench.catalog.list_paths()]


def directory(bench, path, **options):
    return lambda: bench.run(CreateDirectory(path), **options)


def test_they_share_a_transaction_and_have_numbers_of_their_own(bench, at_once, transactions):
    results = at_once(*(directory(bench, name) for name in 'abcde'))
    assert sorted(result.commit for result in results) == [2, 3, 4, 5, 6]
    assert bench.catalog.last_commit() == 6
    assert paths(bench) == [*'abcde', 'first']
    assert len(transactions) == 2


def test_rows_of_one_table_follow_each_other(bench, at_once):
    bench.create()
    results = at_once(*[lambda: bench.insert(10)] * 4)
    assert sorted(result.first_ids[0] for result in results) == [1, 11, 21, 31]
    assert bench.catalog.row_count('t' * 32) == 40
    assert [version.version for version in bench.catalog.versions('t' * 32)] == [4, 3, 2, 1, 0]


def test_one_that_cannot_be_made_leaves_the_others_alone(bench, at_once, transactions):
    bench.create()
    del transactions[:]
    stale = (SchemaIs('t' * 32, 99),)
    good, taken, outdated, last = at_once(
        directory(bench, 'a'), directory(bench, 'a'), directory(bench, 'b', requires=stale), directory(bench, 'c')
    )
    assert isinstance(taken, AlreadyExistsError)
    assert isinstance(outdated, RequirementFailed)
    assert {result.commit for result in (good, last)} == {3, 4}
    assert paths(bench) == ['a', 'c', 'first', 'numbers']
    assert len(transactions) == 2


def test_when_the_database_fails_each_goes_by_itself(bench, at_once, monkeypatch):
    apply_to = together.apply_to

    def failing(connection, commit, token):
        if commit.changes == (CreateDirectory('b'),):
            raise ServiceUnavailableError(ErrorCode.DATABASE_UNAVAILABLE, 'no space left')
        return apply_to(connection, commit, token)

    monkeypatch.setattr(together, 'apply_to', failing)
    results = at_once(*(directory(bench, name) for name in 'abc'))
    assert sorted(result.commit for result in results) == [2, 3, 4]
    assert paths(bench) == ['a', 'b', 'c', 'first']


@pytest.mark.parametrize('catalog_url', [None], ids=['sqlite'])
@pytest.mark.parametrize('arrives', [True, False])
def test_a_commit_of_many_that_goes_unanswered_is_found(bench, at_once, monkeypatch, arrives):
    commit = Connection._commit
    calls = []

    def unanswered(connection):
        calls.append(1)
        if len(calls) != 2:
            return commit(connection)
        if arrives:
            commit(connection)
        error = sqlite3.OperationalError('disk I/O error')
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    monkeypatch.setattr(Connection, '_commit', unanswered)
    results = at_once(*(directory(bench, name) for name in 'abc'))
    assert sorted(result.commit for result in results) == [2, 3, 4]
    assert paths(bench) == ['a', 'b', 'c', 'first']


def test_what_cannot_be_looked_up_is_unknown_for_all(bench, at_once, monkeypatch):
    cause = ServiceUnavailableError(ErrorCode.DATABASE_UNAVAILABLE, 'gone')

    def unknown(*_):
        raise OutcomeUnknownError(cause)

    monkeypatch.setattr(together, 'took_effect', unknown)
    commit = Connection._commit
    calls = []

    def unanswered(connection):
        calls.append(1)
        commit(connection)
        if len(calls) == 2:
            raise OutcomeUnknownError(cause)

    monkeypatch.setattr(Connection, '_commit', unanswered)
    results = at_once(*(directory(bench, name) for name in 'abc'))
    assert all(isinstance(result, OutcomeUnknownError) for result in results)


def test_an_unforeseen_error_reaches_every_thread(bench, at_once, monkeypatch):
    def failing(*_):
        raise ValueError('a defect')

    monkeypatch.setattr(together, 'apply_to', failing)
    results = at_once(*(directory(bench, name) for name in 'abc'))
    assert all(isinstance(result, ValueError) for result in results)
    assert paths(bench) == ['first']
