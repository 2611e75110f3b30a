from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pixeltable.catalog.records import ROW_ID, StoredColumn
from pixeltable.errors import InternalError
from pixeltable.storage.read_columns import ERROR_DETAILS, ERROR_TYPE, POSITION, ReadColumn
from pixeltable.storage.segments import SegmentStore

A = ReadColumn(1, 'a', pa.int64())
ERRORS_OF_A = ReadColumn(-1, 'errors', ERROR_TYPE)
FAILED = {'errortype': 'ValueError', 'errormsg': 'no'}


@pytest.fixture(params=[True, False], ids=['inlined', 'parquet'])
def inline(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def numbers(*values: Any) -> pa.Table:
    return pa.table({'a': pa.array(values, pa.int64())})


def with_errors(values: list[Any], errors: list[Any]) -> pa.Table:
    return pa.table({'a': pa.array(values, pa.int64()), 'a_error': pa.array(errors, ERROR_TYPE)})


COLUMN_AND_ERRORS = [StoredColumn(1, 'a'), StoredColumn(-1, 'a_error')]


def test_row_ids_are_computed_from_the_first(bench: Any, inline: bool) -> None:
    segment = bench.write_segment(numbers(7, 8, 9), inline=inline, first_id=40)
    assert bench.store.read(segment, [ReadColumn(ROW_ID, 'id', pa.int64())])['id'].to_pylist() == [40, 41, 42]


def test_row_ids_are_read_if_they_are_stored(bench: Any, inline: bool) -> None:
    table = pa.table({'_rowid': [5, 3], 'a': [50, 30]})
    file = bench.write(table, [StoredColumn(ROW_ID, '_rowid'), StoredColumn(1, 'a')], inline=inline)
    segment = bench.segment(file, rows=2, first_id=None, id_range=(3, 5))
    assert bench.store.read(segment, [A, ReadColumn(ROW_ID, 'id', pa.int64())]).to_pylist() == [
        {'a': 50, 'id': 5},
        {'a': 30, 'id': 3},
    ]


def test_row_ids_that_are_nowhere(bench: Any) -> None:
    segment = bench.segment(bench.write(numbers(1)), rows=1, first_id=None)
    with pytest.raises(InternalError, match='stores no row ids'):
        bench.store.read(segment, [ReadColumn(ROW_ID, 'id', pa.int64())])


def test_deleted_rows_are_left_out(bench: Any, inline: bool) -> None:
    segment = bench.delete(bench.write_segment(numbers(1, 2, 3, 4), inline=inline), [1, 3])
    columns = [A, ReadColumn(POSITION, 'position', pa.int64()), ReadColumn(ROW_ID, 'id', pa.int64())]
    assert bench.store.read(segment, columns).to_pydict() == {'a': [1, 3], 'position': [0, 2], 'id': [1, 3]}


def test_deleted_rows_are_kept_on_demand(bench: Any) -> None:
    segment = bench.delete(bench.write_segment(numbers(1, 2, 3)), [1])
    assert bench.store.read(segment, [A], keep_deleted=True)['a'].to_pylist() == [1, 2, 3]


def test_column_that_no_file_holds_is_null(bench: Any) -> None:
    segment = bench.write_segment(numbers(1, 2))
    table = bench.store.read(segment, [ReadColumn(9, 'new', pa.list_(pa.float16(), 4)), ERRORS_OF_A])
    assert table.to_pydict() == {'new': [None, None], 'errors': [None, None]}
    assert table.schema.types == [pa.list_(pa.float16(), 4), ERROR_TYPE]


def test_last_file_of_a_column_counts(bench: Any, inline: bool) -> None:
    first = bench.write(pa.table({'a': [1, 2], 'b': [3, 4]}), inline=inline)
    second = bench.write(numbers(10, 20), inline=inline)
    segment = bench.segment(first, second, rows=2)
    table = bench.store.read(segment, [A, ReadColumn(2, 'b', pa.int64())])
    assert table.to_pydict() == {'a': [10, 20], 'b': [3, 4]}


def test_errors_are_read_beside_their_column(bench: Any, inline: bool) -> None:
    file = bench.write(with_errors([1, None], [None, FAILED]), COLUMN_AND_ERRORS, inline=inline)
    table = bench.store.read(bench.segment(file, rows=2), [A, ERRORS_OF_A])
    assert table.to_pydict() == {'a': [1, None], 'errors': [None, FAILED]}


def test_recomputing_without_errors_ends_the_old_ones(bench: Any) -> None:
    old = bench.write(with_errors([1, None], [None, FAILED]), COLUMN_AND_ERRORS)
    segment = bench.segment(old, bench.write(numbers(1, 2)), rows=2)
    assert bench.store.read(segment, [A, ERRORS_OF_A]).to_pydict() == {'a': [1, 2], 'errors': [None, None]}


def test_recomputing_another_column_leaves_errors(bench: Any) -> None:
    old = bench.write(with_errors([None], [FAILED]), COLUMN_AND_ERRORS)
    other = bench.write(pa.table({'b': [5]}), [StoredColumn(2, 'b')])
    assert bench.store.read(bench.segment(old, other, rows=1), [ERRORS_OF_A])['errors'].to_pylist() == [FAILED]


def test_no_columns_still_count_rows(bench: Any) -> None:
    segment = bench.delete(bench.write_segment(numbers(1, 2, 3)), [0])
    assert bench.store.read(segment, []).num_rows == 2


def test_same_column_twice(bench: Any, inline: bool) -> None:
    segment = bench.write_segment(numbers(1), inline=inline)
    assert bench.store.read(segment, [A, dataclasses.replace(A, name='b')]).to_pydict() == {'a': [1], 'b': [1]}


def test_read_gives_the_type_asked_for(bench: Any) -> None:
    segment = bench.write_segment(pa.table({'a': pa.array([1], pa.int32())}))
    assert bench.store.read(segment, [A]).schema.field('a').type == pa.int64()


def test_read_of_a_type_that_does_not_convert(bench: Any) -> None:
    segment = bench.write_segment(pa.table({'a': ['x']}))
    with pytest.raises(InternalError, match="column 'a' is stored as string"):
        bench.store.read(segment, [A])


def test_write_needs_matching_names(bench: Any) -> None:
    with pytest.raises(InternalError, match='were given data for'):
        bench.store.write('tables/t/', numbers(1), [StoredColumn(1, 'b')])


def test_size_decides_where_data_goes(bench: Any) -> None:
    small = bench.store.write('tables/t/', numbers(1), [StoredColumn(1, 'a')])
    large = bench.store.write('tables/t/', numbers(*range(10_000)), [StoredColumn(1, 'a')])
    assert small.path is None
    assert len(small.data) == small.size
    assert large.data is None
    assert [each.key for each in bench.objects.list('tables/t/')] == [large.path]


def test_undeleted_rows_are_not_copied(bench: Any) -> None:
    segment = bench.write_segment(numbers(*range(10_000)), inline=False)
    first = bench.store.read(segment, [A])['a'].chunk(0).buffers()[1].address
    assert bench.store.read(segment, [A])['a'].chunk(0).buffers()[1].address == first


def test_only_the_needed_part_of_a_known_file_is_fetched(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).random((2, 300_000))
    segment = bench.write_segment(pa.table({'a': range(300_000), 'x': noise[0], 'y': noise[1]}), inline=False)
    store = SegmentStore(bench.objects)
    store.read(segment, [A])
    fetched: list[int] = []
    get_range = bench.objects.get_range
    monkeypatch.setattr(bench.objects, 'get_range', lambda *args: fetched.append(args[2]) or get_range(*args))
    x = store.read(segment, [ReadColumn(2, 'x', pa.float64())])['x']
    assert x.to_numpy().tolist() == noise[0].tolist()
    assert sum(fetched) < 0.7 * segment.files[0].size


def test_crash_while_writing_leaves_nothing(bench: Any, crash_after: Any, crash_error: type[Exception]) -> None:
    store = SegmentStore(crash_after(1))
    store.write('tables/t/', numbers(1), [StoredColumn(1, 'a')], inline=False)
    with pytest.raises(crash_error):
        store.write('tables/t/', numbers(2), [StoredColumn(1, 'a')], inline=False)
    assert len(list(bench.objects.list(''))) == 1


def test_a_column_may_be_asked_for_as_two_types(bench) -> None:
    errors = pa.array([None, {'errortype': 'E', 'errormsg': 'no', 'attempts': 2}, None])
    file = bench.write(
        pa.table({'x': [1, 2, 3], 'e': errors}), [StoredColumn(1, 'x'), StoredColumn(-1, 'e')], inline=False
    )
    wanted = [ReadColumn(-1, 'short', ERROR_TYPE), ReadColumn(-1, 'long', ERROR_DETAILS)]
    found = bench.store.read(bench.segment(file, rows=3), wanted)
    assert found['short'][1].as_py() == {'errortype': 'E', 'errormsg': 'no'}
    assert found['long'][1].as_py()['attempts'] == 2
