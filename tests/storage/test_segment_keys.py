from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from pixeltable.catalog.records import ColumnRecord, Segment, StoredColumn
from pixeltable.errors import PixeltableWarning
from pixeltable.storage import segment_keys
from pixeltable.storage.key_filters import Wanted
from pixeltable.storage.places import locate
from pixeltable.storage.row_keys import RowKeys
from pixeltable.storage.segments import SegmentStore
from pixeltable.types.column_type import INT

KEY = [ColumnRecord(1, 'k', INT)]
COLUMNS = [StoredColumn(1, 'k'), StoredColumn(2, 'x')]


def keys(values) -> RowKeys:
    return RowKeys.of(KEY, [pa.array(values, pa.int64())])


def wanted(*values) -> Wanted:
    return Wanted(keys(values).set())


@pytest.fixture
def held(bench):
    """Makes a segment with the keys 0, 10, 20 …: with a filter, without one, or inlined."""

    def make(kind: str, rows: int = 20_000) -> Segment:
        values = np.arange(0, 10 * rows, 10)
        table = pa.table({'k': values, 'x': values})
        with_keys = keys(values) if kind == 'filter' else None
        files = bench.store.write_segment('tables/t/', table, COLUMNS, keys=with_keys, inline=kind == 'inlined')
        return bench.segment(*map(bench.record, files), rows=rows)

    return make


KINDS = ['filter', 'plain', 'inlined']


@pytest.mark.parametrize('rows', [30, 20_000])
@pytest.mark.parametrize('kind', KINDS)
def test_what_a_segment_has_is_found(bench, held, kind, rows) -> None:
    segment = held(kind, rows)
    hits, ranges = bench.store.keys.among(segment, KEY, wanted(50, 55, 90))
    assert set(keys([50, 90]).hashes.tolist()) <= set(hits.tolist())
    found = bench.store.keys.find(segment, KEY, keys([50, 55, 90]), ranges)
    assert found == [((50,), 5), ((90,), 9)]


@pytest.mark.parametrize('kind', KINDS)
def test_many_keys(bench, held, kind) -> None:
    segment = held(kind)
    hits, _ = bench.store.keys.among(segment, KEY, wanted(*range(0, 30_000, 15)))
    assert len(hits) == 1000


@pytest.mark.parametrize('kind', KINDS)
def test_deleted_rows_are_not_found(bench, held, kind) -> None:
    segment = bench.delete(held(kind), [5])
    hits, ranges = bench.store.keys.among(segment, KEY, wanted(50, 60))
    assert len(hits) == 2
    assert bench.store.keys.find(segment, KEY, keys([50, 60]), ranges) == [((60,), 6)]


def test_bounds_of_the_catalog_spare_the_filter(bench, held, crash_after) -> None:
    segment = held('filter')
    store = SegmentStore(crash_after(0))
    assert store.keys.among(segment, KEY, wanted(-5, 200_001)) == (pytest.approx([]), [])


def test_a_filter_is_enough(held, crash_after) -> None:
    store = SegmentStore(crash_after(1))
    segment = held('filter')
    assert not store.keys.is_ready(segment, wanted(5))
    assert len(store.keys.among(segment, KEY, wanted(*range(1, 40, 2)))[0]) < 3
    assert store.keys.is_ready(segment, wanted(5))
    assert len(store.keys.among(segment, KEY, wanted(10))[0]) == 1


def test_a_filter_over_other_columns_is_not_used(bench, held) -> None:
    segment = held('filter')
    other = [ColumnRecord(2, 'x', INT)]
    found = RowKeys.of(other, [pa.array([50])])
    assert len(bench.store.keys.among(segment, other, Wanted(found.set()))[0]) == 1


def test_a_segment_written_just_now_is_known(held, crash_after) -> None:
    segment = dataclasses.replace(held('plain', 30), id=99)
    store = SegmentStore(crash_after(0))
    store.keys.learn(99, keys(range(0, 300, 10)).hashes)
    assert [len(store.keys.among(segment, KEY, wanted(value))[0]) for value in (50, 51)] == [1, 0]


@pytest.mark.parametrize('inline', [True, False])
def test_without_its_filter_a_segment_answers_by_its_keys(bench, held, objects, monkeypatch, inline) -> None:
    if not inline:
        monkeypatch.setattr(segment_keys, 'INLINE_BYTES', 0)
    segment = held('filter', 100)
    column_file, filter_ = segment.files
    assert (filter_.data is None, filter_.is_key_filter) == (not inline, True)
    if inline:
        filter_ = dataclasses.replace(filter_, data=filter_.data[:-1] + b'\xff')
    else:
        path = objects.root / filter_.path
        path.write_bytes(path.read_bytes()[:-1] + b'\xff')
    damaged = dataclasses.replace(segment, files=(column_file, filter_))
    store = SegmentStore(objects)
    with pytest.warns(PixeltableWarning, match='damaged'):
        assert len(store.keys.among(damaged, KEY, wanted(50))[0]) == 1
    assert len(store.keys.among(damaged, KEY, wanted(1000))[0]) == 0


def test_a_filter_is_no_column(held) -> None:
    segment = held('filter', 30)
    assert (len(segment.files), sorted(locate(segment)), segment.is_inlined) == (2, [1, 2], False)
