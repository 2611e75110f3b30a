import dataclasses

import pytest

from pixeltable.catalog.changes import (
    AddColumn,
    AddFile,
    AddSegment,
    DropColumn,
    EndSegment,
    ReplaceColumn,
    ReplaceDeletes,
    ReplaceTable,
)
from pixeltable.catalog.records import ColumnRecord
from pixeltable.catalog.returns import ForgetVersion, Restore
from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.types.column_type import INT


def shape(contents):
    """What a reader can tell: everything but the ids of segments, files and delete vectors."""
    return [
        (
            (segment.rows, segment.first_id, segment.min_id, segment.max_id),
            [dataclasses.replace(file, id=0, segment_id=0) for file in segment.files],
            segment.deletes and segment.deletes.data,
        )
        for segment in contents.segments
    ]


def test_rows_come_back_with_their_ids_and_files(bench, table):
    bench.insert(2)
    commit = bench.insert(3).commit
    bench.run(*(EndSegment(id_) for id_ in bench.segment_ids()), AddSegment(table, 9, (), first_id=1))
    bench.run(Restore(table, commit), version_of=table)
    assert shape(bench.catalog.contents(table)) == shape(bench.catalog.contents(table, commit))
    assert bench.insert().first_ids == (6,)
    assert [each.version for each in bench.catalog.versions(table)] == [4, 3, 2, 1, 0]


def test_later_rows_go(bench, table):
    commit = bench.insert(2).commit
    kept = bench.segment_ids()
    bench.insert(3)
    bench.run(Restore(table, commit))
    assert bench.segment_ids() == kept
    assert bench.catalog.row_count(table) == 2


def test_delete_vectors_are_as_of_then(bench, table):
    bench.insert(5)
    (id_,) = bench.segment_ids()
    one = bench.run(ReplaceDeletes(id_, 1, b'one')).commit
    three = bench.run(ReplaceDeletes(id_, 3, b'three')).commit
    bench.run(Restore(table, one))
    assert bench.catalog.contents(table).segments[0].deletes.data == b'one'
    bench.run(Restore(table, one - 1))
    assert bench.catalog.contents(table).segments[0].deletes is None
    bench.run(Restore(table, three))
    assert bench.catalog.row_count(table) == 2


def test_files_are_as_of_then_and_in_their_order(bench, table):
    first = bench.insert().commit
    (id_,) = bench.segment_ids()
    bench.run(AddFile(id_, bench.file(b'second')))
    both = bench.run(AddFile(id_, bench.file(b'third'))).commit
    bench.run(Restore(table, first))
    assert len(bench.catalog.contents(table).segments[0].files) == 1
    bench.run(AddFile(id_, bench.file(b'fourth')))
    bench.run(Restore(table, both))
    assert [file.data for file in bench.catalog.contents(table).segments[0].files] == [b'rows 1', b'second', b'third']


def test_dropped_added_and_renamed_columns(bench, table):
    then = bench.catalog.schema(table)
    commit = bench.catalog.last_commit()
    bench.run(DropColumn(table, 1))
    bench.run(AddColumn(table, ColumnRecord(3, 'new', INT)))
    bench.run(ReplaceColumn(table, dataclasses.replace(then.columns[1], name='label')))
    restored = bench.run(Restore(table, commit)).commit
    schema = bench.catalog.schema(table)
    assert schema.columns == then.columns
    assert schema.table.schema_version == restored
    bench.run(AddColumn(table, ColumnRecord(schema.table.next_column_id, 'newer', INT)))
    assert [column.id for column in bench.catalog.schema(table).columns] == [1, 2, 4]


def test_the_key_comes_back_and_the_path_stays(bench, table):
    commit = bench.catalog.last_commit()
    record = bench.catalog.schema(table).table
    bench.run(ReplaceTable(dataclasses.replace(record, path='moved', primary_key=(1,))))
    bench.run(Restore(table, commit))
    restored = bench.catalog.schema(table).table
    assert (restored.path, restored.primary_key) == ('moved', ())


def test_an_unchanged_schema_keeps_its_version(bench, table):
    commit = bench.insert().commit
    bench.insert()
    before = bench.catalog.schema(table)
    bench.run(Restore(table, commit))
    assert bench.catalog.schema(table) is before


def test_revert(bench, table):
    commit = bench.insert(2).commit
    bench.insert(3)
    bench.run(Restore(table, commit), ForgetVersion(table, 2))
    assert bench.catalog.row_count(table) == 2
    assert bench.insert().versions == {table: 2}


def test_a_commit_before_the_table(bench, table):
    with pytest.raises(NotFoundError, match='did not exist at commit 0') as caught:
        bench.run(Restore(table, 0))
    assert caught.value.error_code is ErrorCode.PATH_NOT_FOUND


def test_many_segments_return_each_with_its_own_files_and_deletes(bench, table):
    for rows in range(1, 8):
        bench.insert(rows)
    ids = bench.segment_ids()
    bench.run(*(AddFile(id_, bench.file(b'more %d' % id_, 2)) for id_ in ids[::2]))
    commit = bench.run(*(ReplaceDeletes(id_, 1, b'%d' % id_) for id_ in ids[1:])).commit
    bench.run(*(EndSegment(id_) for id_ in ids[:5]), ReplaceDeletes(ids[5], 2, b'x'), AddFile(ids[6], bench.file(b'y')))
    bench.run(Restore(table, commit))
    assert shape(bench.catalog.contents(table)) == shape(bench.catalog.contents(table, commit))
    assert bench.segment_ids()[5:] == ids[5:]


def test_a_file_that_returns_stands_before_those_that_stay(bench, table):
    """Only what ends single files, as a repair may, can bring this about."""
    bench.insert()
    (id_,) = bench.segment_ids()
    bench.run(AddFile(id_, bench.file(b'second')))
    both = bench.run(AddFile(id_, bench.file(b'third'))).commit
    second = bench.catalog.contents(table).segments[0].files[1].id
    bench.catalog._database.connection().command(f'UPDATE files SET "end" = {both + 1} WHERE id = {second}')
    bench.run()
    assert len(bench.catalog.contents(table).segments[0].files) == 2
    bench.run(Restore(table, both))
    assert [file.data for file in bench.catalog.contents(table).segments[0].files] == [b'rows 1', b'second', b'third']


def test_ids_are_given_out_once(bench, table):
    commit = bench.insert(2).commit
    for _ in range(3):
        bench.insert(3)
        bench.run(*(EndSegment(id_) for id_ in bench.segment_ids()))
        bench.run(Restore(table, commit))
    for name in ('segments', 'files'):
        ids = bench.catalog._database.connection().command(f'SELECT id FROM {name}')
        assert len(set(ids)) == len(ids) == 7
