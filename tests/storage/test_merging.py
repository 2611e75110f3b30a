from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixeltable.catalog.changes import AddSegment, EndSegment, SegmentIs
from pixeltable.catalog.records import ROW_ID, Segment, StoredColumn
from pixeltable.storage.merging import merge
from pixeltable.storage.read_columns import ERROR_DETAILS, ERROR_TYPE, ReadColumn
from pixeltable.storage.segments import SegmentStore

COLUMNS = [ReadColumn(ROW_ID, 'id', pa.int64()), ReadColumn(1, 'a', pa.int64()), ReadColumn(2, 'b', pa.string())]


def inserted(bench: Any, first_id: int, *values: int) -> Segment:
    table = pa.table(
        {'a': pa.array(values, pa.int64()), 'b': pa.array([f'text {value}' for value in values], pa.string())}
    )
    return bench.write_segment(table, first_id=first_id)


def updated(bench: Any, **values: int) -> Segment:
    """A segment that stores its row ids: `_3=30` is row 3 with the value 30."""
    ids = [int(name[1:]) for name in values]
    table = pa.table({'_rowid': ids, 'a': list(values.values())})
    file = bench.write(table, [StoredColumn(ROW_ID, '_rowid'), StoredColumn(1, 'a')])
    return bench.segment(file, rows=len(ids), first_id=None, id_range=(min(ids), max(ids)))


def carried_out(bench: Any, changes: tuple[Any, ...]) -> list[Segment]:
    """The segments that a commit of `changes` adds."""
    added = [change for change in changes if isinstance(change, AddSegment)]
    return [
        bench.segment(
            bench.record(change.files[0]), rows=change.rows, first_id=change.first_id, id_range=change.id_range
        )
        for change in added
    ]


def rows(bench: Any, segments: list[Segment], columns: list[ReadColumn] = COLUMNS) -> list[dict[str, Any]]:
    tables = (bench.store.read(segment, columns) for segment in segments)
    return sorted((row for table in tables for row in table.to_pylist()), key=lambda row: row['id'])


def test_inserts_become_one_segment_that_needs_no_ids(bench: Any) -> None:
    segments = [inserted(bench, i, i * 10) for i in range(1, 6)]
    changes, requirements = merge(bench.store, 'tables/t/', segments)
    *ended, added = changes
    assert ended == [EndSegment(segment.id) for segment in segments]
    assert requirements == tuple(SegmentIs.of(segment) for segment in segments)
    assert (added.rows, added.first_id, added.id_range) == (5, 1, None)
    assert [column.column_id for column in added.files[0].columns] == [1, 2]
    assert rows(bench, carried_out(bench, changes)) == rows(bench, segments)


def test_deleted_rows_are_dropped_and_their_vector_is_required(bench: Any) -> None:
    segment = bench.delete(inserted(bench, 1, 10, 20, 30), [1])
    changes, requirements = merge(bench.store, 'tables/t/', [segment])
    [merged] = carried_out(bench, changes)
    assert (merged.rows, merged.first_id, merged.deletes) == (2, None, None)
    assert requirements == (SegmentIs.of(segment),)
    assert [row['id'] for row in rows(bench, [merged])] == [1, 3]


def test_nothing_is_written_for_deleted_rows(bench: Any) -> None:
    segment = bench.delete(inserted(bench, 1, 10), [0])
    assert merge(bench.store, 'tables/t/', [segment])[0] == (EndSegment(segment.id),)
    assert list(bench.objects.list('')) == []


def test_updated_rows_return_to_their_place(bench: Any) -> None:
    original = bench.delete(inserted(bench, 1, 10, 20, 30), [1])
    changes, _ = merge(bench.store, 'tables/t/', [original, updated(bench, _2=21)])
    [merged] = carried_out(bench, changes)
    assert merged.first_id == 1
    assert bench.store.read(merged, COLUMNS[:2]).to_pydict() == {'id': [1, 2, 3], 'a': [10, 21, 30]}


def test_files_of_a_segment_are_merged_and_errors_kept(bench: Any) -> None:
    failed = {'errortype': 'ValueError', 'errormsg': 'no'}
    computed = pa.table({'c': pa.array([1, None]), 'c_error': pa.array([None, failed], ERROR_TYPE)})
    columns = [StoredColumn(3, 'c', 'code 1'), StoredColumn(-3, 'c_error')]
    first = bench.segment(bench.write(pa.table({'a': [10, 20]})), bench.write(computed, columns), rows=2)
    clean = bench.segment(bench.write(pa.table({'c': [7]}), columns[:1]), rows=1, first_id=3)
    changes, _ = merge(bench.store, 'tables/t/', [first, clean])
    [merged] = carried_out(bench, changes)
    wanted = [COLUMNS[0], ReadColumn(3, 'c', pa.int64()), ReadColumn(-3, 'errors', ERROR_TYPE)]
    assert bench.store.read(merged, wanted)['errors'].to_pylist() == [None, failed, None]
    assert StoredColumn(3, 'c', 'code 1') in merged.files[0].columns


def test_errors_of_which_more_is_known_keep_it(bench: Any) -> None:
    older = {'errortype': 'ValueError', 'errormsg': 'no'}
    newer = older | {'attempts': 3, 'input': None, 'traceback': 'line 1'}
    segments = []
    for first_id, error, type_ in ((1, older, ERROR_TYPE), (2, newer, ERROR_DETAILS), (3, older, ERROR_TYPE)):
        data = pa.table({'c': pa.array([None], pa.int64()), 'c_error': pa.array([error], type_)})
        columns = [StoredColumn(3, 'c', 'code 1'), StoredColumn(-3, 'c_error')]
        segments.append(bench.segment(bench.write(data, columns), rows=1, first_id=first_id))
    [merged] = carried_out(bench, merge(bench.store, 'tables/t/', segments)[0])
    found = bench.store.read(merged, [ReadColumn(-3, 'errors', ERROR_DETAILS)])['errors'].to_pylist()
    nothing = dict.fromkeys(('attempts', 'input', 'traceback'))
    assert found == [older | nothing, newer, older | nothing]


def test_fingerprints_are_not_mixed(bench: Any) -> None:
    def computed(first_id: int, fingerprint: str) -> Segment:
        columns = [StoredColumn(1, 'a'), StoredColumn(3, 'c', fingerprint)]
        return bench.segment(bench.write(pa.table({'a': [1], 'c': [2]}), columns), rows=1, first_id=first_id)

    segments = [computed(1, 'old'), computed(2, 'new'), computed(3, 'old'), inserted(bench, 4, 40)]
    merged = carried_out(bench, merge(bench.store, 'tables/t/', segments)[0])
    made_by = [
        {column.fingerprint for column in segment.files[0].columns if column.column_id == 3} for segment in merged
    ]
    # A column that was not computed yet stays missing.
    assert made_by == [{'old'}, {'new'}, set()]
    assert [segment.rows for segment in merged] == [2, 1, 1]


def test_a_computed_column_of_unknown_code_is_not_one_that_is_missing(bench: Any) -> None:
    columns = [StoredColumn(1, 'a'), StoredColumn(3, 'c')]
    mixed = bench.segment(bench.write(pa.table({'a': [1], 'c': [2]}), columns), rows=1)
    changes, _ = merge(bench.store, 'tables/t/', [mixed, inserted(bench, 2, 20)], derived={3})
    assert [{c.column_id for c in segment.files[0].columns} for segment in carried_out(bench, changes)] == [
        {1, 3},
        {1, 2},
    ]


def test_a_name_that_two_columns_had(bench: Any) -> None:
    before = bench.segment(bench.write(pa.table({'x': [1]}), [StoredColumn(1, 'x')]), rows=1)
    after = bench.segment(bench.write(pa.table({'x': [2]}), [StoredColumn(5, 'x')]), rows=1, first_id=2)
    [merged] = carried_out(bench, merge(bench.store, 'tables/t/', [before, after])[0])
    wanted = [ReadColumn(1, 'a', pa.int64()), ReadColumn(5, 'b', pa.int64())]
    assert bench.store.read(merged, wanted).to_pydict() == {'a': [1, None], 'b': [None, 2]}


def test_a_name_that_is_taken_by_a_third(bench: Any) -> None:
    columns = [StoredColumn(1, 'x_3'), StoredColumn(2, 'x')]
    files = (
        bench.write(pa.table({'x_3': [1], 'x': [2]}), columns),
        bench.write(pa.table({'x': [3]}), [StoredColumn(3, 'x')]),
    )
    [merged] = carried_out(bench, merge(bench.store, 'tables/t/', [bench.segment(*files, rows=1)])[0])
    wanted = [ReadColumn(id_, name, pa.int64()) for id_, name in ((1, 'a'), (2, 'b'), (3, 'c'))]
    assert bench.store.read(merged, wanted).to_pydict() == {'a': [1], 'b': [2], 'c': [3]}


def test_dropped_columns_are_left_behind(bench: Any) -> None:
    [merged] = carried_out(bench, merge(bench.store, 'tables/t/', [inserted(bench, 1, 10)], columns={1})[0])
    assert [column.column_id for column in merged.files[0].columns] == [1]


def test_crash_while_merging_changes_nothing(bench: Any, crash_after: Any, crash_error: type[Exception]) -> None:
    segment = inserted(bench, 1, 10)
    with pytest.raises(crash_error):
        merge(SegmentStore(crash_after(0)), 'tables/t/', [segment])
    assert rows(bench, [segment]) == [{'id': 1, 'a': 10, 'b': 'text 10'}]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_merge_keeps_contents(bench: Any, data: st.DataObject) -> None:
    segments, first_id = [], 1
    for values in data.draw(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=5), min_size=1, max_size=6)):
        segment = inserted(bench, first_id, *values)
        deleted = data.draw(st.lists(st.integers(0, len(values) - 1), unique=True))
        segments.append(bench.delete(segment, deleted) if deleted else segment)
        if deleted:
            segments.append(updated(bench, **{f'_{first_id + position}': -position for position in deleted}))
        first_id += len(values)
    merged = carried_out(bench, merge(bench.store, 'tables/t/', data.draw(st.permutations(segments)))[0])
    assert rows(bench, merged) == rows(bench, segments)
    assert all(segment.min_id <= segment.max_id for segment in merged)
