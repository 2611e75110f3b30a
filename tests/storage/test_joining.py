from __future__ import annotations

import dataclasses
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixeltable.catalog.records import ROW_ID, Segment, StoredColumn
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.storage.joining import joined, runs
from pixeltable.storage.read_columns import ReadColumn

COLUMNS = [ReadColumn(ROW_ID, 'id', pa.int64()), ReadColumn(1, 'a', pa.int64()), ReadColumn(2, 'b', pa.string())]


def inserted(bench: Any, first_id: int, count: int = 1, **how: Any) -> Segment:
    ids = range(first_id, first_id + count)
    table = pa.table({'a': pa.array(ids, pa.int64()), 'b': [f'text {i}' if i % 3 else None for i in ids]})
    return bench.write_segment(table, first_id=first_id, **how)


def read(bench: Any, segments: list[Segment]) -> pa.Table:
    return pa.concat_tables([bench.store.read(segment, COLUMNS, cache=False) for segment in segments])


def test_inserts_one_after_another_are_one(bench: Any) -> None:
    segments = [inserted(bench, first, 2) for first in (1, 3, 5)]
    (one,) = joined(segments)
    assert (one.rows, one.first_id, one.min_id, one.max_id) == (6, 1, 1, 6)
    assert read(bench, [one]).equals(read(bench, segments))
    assert bench.store.types(one) == bench.store.types(segments[0])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(
        st.sampled_from(['plain', 'two files', 'gap', 'Parquet', 'deleted', 'other type', 'other column']), max_size=12
    )
)
def test_the_rows_are_the_same_whatever_lies_in_between(bench: Any, kinds: list[str]) -> None:
    segments, next_id = [], 1
    for kind in kinds:
        next_id += kind == 'gap'
        segment = inserted(bench, next_id, 2, inline=kind != 'Parquet')
        if kind == 'two files':
            computed = bench.write(pa.table({'b': [f'computed {next_id}', 'x']}), [StoredColumn(2, 'b')])
            segment = dataclasses.replace(segment, files=(*segment.files, computed))
        elif kind == 'deleted':
            segment = bench.delete(segment, [1])
        elif kind == 'other type':
            segment = bench.write_segment(
                pa.table({'a': pa.array([1, 2], pa.int32()), 'b': ['x', 'y']}), first_id=next_id
            )
        elif kind == 'other column':
            file = bench.write(pa.table({'b': ['x', 'y']}), [StoredColumn(2, 'b')])
            segment = bench.segment(file, rows=2, first_id=next_id)
        segments.append(segment)
        next_id += 2
    found = joined(segments)
    assert sum(segment.rows for segment in found) == 2 * len(kinds)
    if segments:
        assert read(bench, found).equals(read(bench, segments))
        parts = [[segment for _, segment in run] for run in runs(list(enumerate(segments)))]
        assert [bench.store.read_run(part, COLUMNS) for part in parts] == [read(bench, part) for part in parts]


def test_columns_that_were_computed_later_are_joined_too(bench: Any) -> None:
    segments = []
    for first in (1, 3, 5):
        file = bench.write(pa.table({'b': [f'b{first}', None]}), [StoredColumn(2, 'b')])
        segment = inserted(bench, first, 2)
        segments.append(dataclasses.replace(segment, files=(*segment.files, file)))
    (one,) = joined(segments)
    assert read(bench, [one]).column('b').to_pylist() == ['b1', None, 'b3', None, 'b5', None]
    assert len(joined([*segments, inserted(bench, 7, 2)])) == 2
    assert bench.store.read_run(segments, COLUMNS).equals(read(bench, segments))


def test_segments_between_which_another_lies_are_not_one(bench: Any) -> None:
    first, second = inserted(bench, 1), inserted(bench, 2)
    assert len(list(runs([(0, first), (1, second)]))) == 1
    assert len(list(runs([(0, first), (2, second)]))) == 2


@pytest.mark.parametrize('what', ['a bit', 'the end'])
def test_damage_is_found_and_named(bench: Any, what: str) -> None:
    segments = [inserted(bench, first) for first in range(1, 6)]
    file = segments[3].files[0]
    data = bytearray(file.data)
    if what == 'a bit':
        data[-5] ^= 1
    else:
        del data[-8:]
    segments[3] = dataclasses.replace(segments[3], files=(dataclasses.replace(file, data=bytes(data)),))
    with pytest.raises(RequestError, match=rf'file {file.id} \(inlined in the catalog\) is damaged') as error:
        joined(segments)
    assert error.value.error_code is ErrorCode.INVALID_DATA_FORMAT
