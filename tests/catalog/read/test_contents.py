import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixeltable.catalog.changes import AddFile, AddSegment, EndSegment, ReplaceDeletes, Restore
from pixeltable.catalog.home import open_home
from pixeltable.errors import ErrorCode, NotFoundError


def test_the_same_commit_is_read_once(bench, table):
    bench.insert()
    contents = bench.catalog.contents(table)
    assert bench.catalog.contents(table) is contents
    assert bench.catalog.contents(table, contents.commit) is contents


def test_the_last_commit_is_read_once_if_nothing_was_read_before(bench, table):
    bench.insert()
    last = bench.catalog.last_commit()
    contents = bench.catalog.contents(table, last)
    assert bench.catalog.contents(table, last) is contents


def test_an_append_keeps_what_is_known(bench, table):
    bench.insert()
    (before,) = bench.catalog.contents(table).segments
    bench.insert()
    assert bench.catalog.contents(table).segments[0] is before


def test_a_refresh_reads_only_what_is_new(bench, table, monkeypatch):
    for _ in range(5):
        bench.insert()
    bench.catalog.contents(table)
    bench.insert()
    connection = bench.catalog._database.connection()
    read, rows = [], connection.rows
    monkeypatch.setattr(connection, 'rows', lambda *args: read.append(found := rows(*args)) or found)
    bench.catalog.contents(table)
    assert sum(map(len, read)) == 4  # the last commit, the horizon, a segment and its file


def test_time_travel(bench, table):
    commits = [bench.insert().commit for _ in range(4)]
    assert [bench.catalog.row_count(table, commit) for commit in commits] == [1, 2, 3, 4]
    assert bench.catalog.row_count(table, commits[0] - 1) == 0


@pytest.mark.parametrize('at', [None, 0])
def test_no_such_table(bench, at):
    with pytest.raises(NotFoundError) as caught:
        bench.catalog.contents('unknown', at)
    assert caught.value.error_code is ErrorCode.TABLE_NOT_FOUND


OPERATIONS = ['insert', 'insert', 'flush', 'delete', 'file', 'end', 'restore', 'read', 'other']


def step(bench, table, operation, pick):
    segments = bench.catalog.contents(table, bench.catalog.last_commit()).segments
    segment = segments[pick % len(segments)] if segments else None
    if operation == 'restore':
        bench.run(Restore(table, 1 + pick % bench.catalog.last_commit()))
    elif operation == 'insert' or segment is None:
        bench.insert(pick % 4 + 1)
    elif operation == 'flush':
        low, high = segments[0].min_id, segments[-1].max_id
        ends = [EndSegment(each.id) for each in segments]
        bench.run(*ends, AddSegment(table, high - low + 1, (bench.file(b'flushed'),), first_id=low))
    elif operation == 'delete':
        bench.run(ReplaceDeletes(segment.id, min(segment.rows, pick), b'%d' % pick))
    elif operation == 'file':
        bench.run(AddFile(segment.id, bench.file(b'file %d' % pick)))
    elif operation == 'end':
        bench.run(EndSegment(segment.id))
    elif operation == 'other':
        bench.insert(1, 'u' * 32)


def of_then(contents):
    return [
        (each.rows, each.first_id, [file.data for file in each.files], each.deletes and each.deletes.data)
        for each in contents.segments
    ]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 40)), max_size=25))
def test_refreshing_equals_reading_all(bench_class, steps):
    table, other = 't' * 32, 'u' * 32
    with tempfile.TemporaryDirectory() as folder:
        catalog, follower = open_home(Path(folder)), open_home(Path(folder))
        bench = bench_class(catalog)
        bench.create('one', table)
        bench.create('two', other)
        seen = {}
        for operation, pick in steps:
            step(bench, table, operation, pick)
            last = catalog.last_commit()
            seen[last] = of_then(catalog.contents(table))
            if operation == 'restore':
                assert seen[last] == of_then(catalog.contents(table, 1 + pick % (last - 1)))
            if operation == 'read':
                follower.contents(table)
        fresh = open_home(Path(folder))
        assert follower.contents(table) == catalog.contents(table) == fresh.contents(table)
        assert {commit: of_then(fresh.contents(table, commit)) for commit in seen} == seen
        for each in (catalog, follower, fresh):
            each.close()
