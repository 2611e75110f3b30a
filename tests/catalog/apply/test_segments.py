import pytest

from pixeltable.catalog.changes import AddFile, AddSegment, EndSegment, NewFile, ReplaceDeletes, RequirementFailed
from pixeltable.catalog.records import StoredColumn


def test_row_ids_count_from_one(bench, table):
    assert [bench.insert(rows).first_ids for rows in (3, 1, 2)] == [(1,), (4,), (5,)]
    segments = bench.catalog.contents(table).segments
    assert [(segment.first_id, segment.min_id, segment.max_id) for segment in segments] == [
        (1, 1, 3),
        (4, 4, 4),
        (5, 5, 6),
    ]
    assert bench.catalog.row_count(table) == 6


def test_several_segments_in_one_commit(bench, table):
    assert bench.run(bench.segment(2), bench.segment(2)).first_ids == (1, 3)


def test_a_file_comes_back_as_it_was(bench, table):
    columns = (StoredColumn(1, 'x'), StoredColumn(2, 'name', 'f1'))
    files = (NewFile(columns, 9, 'sum:1', path='a/b.parquet'), bench.file(b'\x00\xff', 3))
    bench.run(AddSegment(table, 1, files))
    (segment,) = bench.catalog.contents(table).segments
    assert [(file.columns, file.size, file.checksum, file.path, file.data) for file in segment.files] == [
        (columns, 9, 'sum:1', 'a/b.parquet', None),
        (files[1].columns, 2, 'sum:2', None, b'\x00\xff'),
    ]
    assert segment.is_inlined


def test_stored_and_kept_row_ids_take_no_new_ones(bench, table):
    bench.insert(4)
    bench.run(AddSegment(table, 2, (), id_range=(2, 4)), AddSegment(table, 3, (), first_id=1))
    found = [(s.first_id, s.min_id, s.max_id) for s in bench.catalog.contents(table).segments]
    assert found == [(1, 1, 4), (1, 1, 3), (None, 2, 4)]
    assert bench.insert().first_ids == (5,)


def test_flush_replaces_segments_without_a_version(bench, table):
    bench.insert(2)
    bench.insert(3)
    ends = [EndSegment(id_) for id_ in bench.segment_ids()]
    committed = bench.run(*ends, AddSegment(table, 5, (), first_id=1))
    assert committed.versions == {}
    assert [(s.first_id, s.rows) for s in bench.catalog.contents(table).segments] == [(1, 5)]
    assert bench.catalog.row_count(table, committed.commit - 1) == 5


def test_add_file_counts_last(bench, table):
    bench.insert(2)
    (id_,) = bench.segment_ids()
    bench.run(AddFile(id_, bench.file(b'later', 2)))
    (segment,) = bench.catalog.contents(table).segments
    assert [file.data for file in segment.files] == [b'rows 2', b'later']


def test_replace_deletes(bench, table):
    bench.insert(5)
    (id_,) = bench.segment_ids()
    commit = bench.run(ReplaceDeletes(id_, 1, b'a')).commit
    bench.run(ReplaceDeletes(id_, 3, b'b'))
    assert bench.catalog.row_count(table) == 2
    assert bench.catalog.row_count(table, commit) == 4
    assert bench.catalog.contents(table).segments[0].deletes.data == b'b'


@pytest.mark.parametrize('change', [EndSegment, lambda id_: ReplaceDeletes(id_, 1, b''), 'file'])
def test_an_ended_segment_cannot_be_changed(bench, table, change):
    bench.insert()
    (id_,) = bench.segment_ids()
    bench.run(EndSegment(id_))
    with pytest.raises(RequirementFailed):
        bench.run(AddFile(id_, bench.file(b'')) if change == 'file' else change(id_))
