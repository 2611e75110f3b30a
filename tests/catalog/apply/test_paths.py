import dataclasses

import pytest

from pixeltable.catalog.changes import (
    CreateDirectory,
    DropDirectory,
    DropTable,
    EndSegment,
    ReplaceTable,
    RequirementFailed,
)
from pixeltable.catalog.home import open_home
from pixeltable.catalog.returns import AddSnapshot, DropSnapshot, RestoreTable
from pixeltable.errors import AlreadyExistsError, ErrorCode, NotFoundError, RequestError


def test_a_table_is_found_at_its_path(bench, table):
    assert bench.catalog.table_id('numbers') == table
    assert bench.catalog.table_id('letters') is None


def test_create_under_directory(bench):
    bench.run(CreateDirectory('a'), CreateDirectory('a/b'))
    bench.create('a/b/t')
    assert bench.catalog.list_paths() == [('a', 'directory'), ('a/b', 'directory'), ('a/b/t', 'table')]


@pytest.mark.parametrize('path', ['numbers', 'folder'])
def test_taken_paths_are_refused(bench, table, path):
    bench.run(CreateDirectory('folder'))
    with pytest.raises(AlreadyExistsError, match="exists already; pass if_exists='replace'") as caught:
        bench.create(path, 'u' * 32)
    assert caught.value.error_code is ErrorCode.PATH_ALREADY_EXISTS
    with pytest.raises(AlreadyExistsError, match='ignore'):
        bench.run(CreateDirectory(path))


def test_missing_parent_names_the_call_to_make(bench):
    with pytest.raises(NotFoundError, match=r"pxt\.create_dir\('a/b'") as caught:
        bench.create('a/b/t')
    assert caught.value.error_code is ErrorCode.DIRECTORY_NOT_FOUND


def test_a_table_is_no_directory(bench, table):
    with pytest.raises(NotFoundError, match="'numbers' is a table") as caught:
        bench.create('numbers/t', 'u' * 32)
    assert caught.value.error_code is ErrorCode.DIRECTORY_NOT_FOUND


def test_a_refused_commit_changes_nothing(bench, table):
    before = bench.catalog.last_commit()
    with pytest.raises(AlreadyExistsError):
        bench.run(CreateDirectory('new'), bench.segment(3), CreateDirectory('numbers'))
    assert bench.catalog.last_commit() == before
    assert not bench.catalog.is_directory('new')
    assert bench.catalog.row_count(table) == 0


def test_drop_directory(bench):
    bench.run(CreateDirectory('a'))
    bench.run(DropDirectory('a'))
    assert bench.catalog.list_paths() == []
    with pytest.raises(NotFoundError):
        bench.run(DropDirectory('a'))


def test_a_full_directory_is_not_dropped(bench):
    bench.run(CreateDirectory('a'), CreateDirectory('a/b'))
    with pytest.raises(RequestError, match="holds 'a/b'") as caught:
        bench.run(DropDirectory('a'))
    assert caught.value.error_code is ErrorCode.UNSUPPORTED_OPERATION


def test_move_a_table(bench, table):
    record = bench.catalog.schema(table).table
    bench.run(CreateDirectory('a'), ReplaceTable(dataclasses.replace(record, path='a/moved', comment='new')))
    assert bench.catalog.table_id('numbers') is None
    assert bench.catalog.table_id('a/moved') == table
    assert bench.catalog.schema(table).table.comment == 'new'
    assert len(bench.catalog.schema(table).columns) == 2


def test_move_onto_a_table_is_refused(bench, table):
    bench.create('other', 'u' * 32)
    record = bench.catalog.schema(table).table
    with pytest.raises(AlreadyExistsError):
        bench.run(ReplaceTable(dataclasses.replace(record, path='other')))


def test_drop_table_ends_it_and_keeps_its_past(bench, table):
    commit = bench.insert(3).commit
    bench.run(DropTable(table))
    for read in (bench.catalog.schema, bench.catalog.contents):
        with pytest.raises(NotFoundError) as caught:
            read(table)
        assert caught.value.error_code is ErrorCode.TABLE_NOT_FOUND
    assert bench.catalog.versions(table) == []
    assert bench.catalog.row_count(table, commit) == 3
    assert bench.catalog.table_id('numbers', commit) == table


def test_a_table_is_dropped_with_snapshots_only_if_the_change_says_so(bench, table):
    bench.insert(3)
    bench.run(AddSnapshot('kept', table, (), 1))
    with pytest.raises(RequestError, match="'kept' is a view or snapshot of it"):
        bench.run(DropTable(table))
    assert bench.catalog.table_id('numbers') == table
    bench.run(DropTable(table, with_snapshots=True))
    assert bench.catalog.table_id('numbers') is None


@pytest.mark.parametrize('change', [DropTable('no'), DropTable('t' * 32)], ids=['unknown', 'dropped'])
def test_a_table_that_is_not_there_cannot_be_dropped(bench, table, change):
    bench.run(DropTable(table))
    with pytest.raises(NotFoundError):
        bench.run(change)


def test_rows_cannot_be_added_to_a_dropped_table(bench, table):
    bench.run(DropTable(table))
    with pytest.raises(NotFoundError):
        bench.insert()


def test_a_table_can_be_replaced_in_one_commit(bench, table):
    bench.insert(3)
    bench.run(DropTable(table))
    bench.create('numbers', 'u' * 32)
    assert bench.catalog.table_id('numbers') == 'u' * 32
    assert bench.catalog.row_count('u' * 32) == 0


def test_a_dropped_table_comes_back_as_it_was(bench, table):
    old = bench.insert(3).commit
    bench.run(AddSnapshot('three', table, ('kept',), 1))
    bench.insert(2)
    schema, contents, versions = (
        read(table) for read in (bench.catalog.schema, bench.catalog.contents, bench.catalog.versions)
    )
    bench.run(DropTable(table, with_snapshots=True))
    bench.run(RestoreTable(table), version_of=table)
    assert bench.catalog.table_id('numbers') == table
    assert bench.catalog.schema(table) == schema
    assert bench.catalog.contents(table).segments == contents.segments
    assert bench.catalog.versions(table)[1:] == versions
    assert bench.catalog.snapshot(table, 'three').commit == old
    assert bench.catalog.row_count(table, old) == 3
    assert bench.insert().first_ids == (6,)


def test_what_ended_before_the_drop_stays_ended(bench, table):
    bench.insert(3)
    bench.run(
        AddSnapshot('a', table, (), 1), DropSnapshot(table, 'a'), *(EndSegment(id_) for id_ in bench.segment_ids())
    )
    bench.run(DropTable(table))
    bench.run(RestoreTable(table))
    assert bench.catalog.row_count(table) == 0
    assert bench.catalog.snapshots(table) == []


def test_a_cached_reader_sees_through_a_drop_and_a_return(bench, table, home, catalog_url):
    bench.insert(3)
    other = open_home(home, catalog_url)
    assert other.row_count(table) == 3
    bench.run(DropTable(table))
    bench.run(RestoreTable(table))
    bench.insert(1)
    assert other.row_count(table) == 4
    other.close()


def test_a_dropped_table_needs_its_path_and_its_directory(bench):
    bench.run(CreateDirectory('d'))
    bench.create('d/t')
    bench.run(DropTable('t' * 32), DropDirectory('d'))
    with pytest.raises(NotFoundError, match='create_dir') as caught:
        bench.run(RestoreTable('t' * 32))
    assert caught.value.error_code is ErrorCode.DIRECTORY_NOT_FOUND
    bench.run(CreateDirectory('d'))
    bench.create('d/t', 'u' * 32)
    with pytest.raises(AlreadyExistsError, match='bring back'):
        bench.run(RestoreTable('t' * 32))


def test_a_table_that_is_there_cannot_come_back(bench, table):
    with pytest.raises(RequirementFailed):
        bench.run(RestoreTable(table))
    with pytest.raises(NotFoundError):
        bench.run(RestoreTable('no'))
