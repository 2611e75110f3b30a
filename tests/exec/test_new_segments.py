"""An insert of any length becomes few segments of bounded size."""

from __future__ import annotations

import threading
from typing import Any

import pyarrow as pa
import pytest

import pixeltable as pxt
from pixeltable.exec.changes import new_segments
from pixeltable.io import rows
from pixeltable.storage import segments


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, 'CHUNK_ROWS', 10)
    monkeypatch.setattr(new_segments, 'SEGMENT_ROWS', 30)
    monkeypatch.setattr(segments, 'INLINE_BYTES', 0)


@pytest.fixture
def t(home: Any) -> pxt.Table:
    return pxt.create_table('t', {'k': pxt.Int, 's': pxt.String | None})


def sizes(t: pxt.Table) -> list[int]:
    return [segment.rows for segment in t._source().contents.segments]


def files(t: pxt.Table) -> int:
    return len(list(t._session.engine.context.store.objects.list('tables/')))


@pytest.mark.parametrize(('count', 'expected'), [(1, [1]), (30, [30]), (35, [35]), (100, [35, 35, 30])])
def test_rows_arrive_in_order_and_in_one_version(t: pxt.Table, count: int, expected: list[int]) -> None:
    reader = pa.RecordBatchReader.from_batches(
        pa.schema([('k', pa.int64())]), pa.table({'k': range(count)}).to_batches(max_chunksize=7)
    )
    assert t.insert(reader).num_rows == count
    assert t.collect()['k'] == list(range(count))
    assert t.select(t.id).collect()['id'] == list(range(1, count + 1))
    assert len(t.history()) == 2
    assert sizes(t) == expected


def test_large_rows_make_small_segments(t: pxt.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_segments, 'SEGMENT_BYTES', 1000)
    t.insert({'k': n, 's': 'x' * 100} for n in range(50))
    assert sizes(t) == [20, 20, 10]


def test_rows_that_leave_out_different_columns(t: pxt.Table) -> None:
    t.insert({'k': n} | ({'s': str(n)} if 10 <= n < 20 else {}) for n in range(30))
    assert sizes(t) == [30]
    assert t.collect()['s'] == [str(n) if 10 <= n < 20 else None for n in range(30)]


def test_computed_columns_and_their_errors(t: pxt.Table) -> None:
    t.add_computed_column(half=inverse(t.k - 50))
    with pytest.warns(pxt.PixeltableWarning, match='1 cell failed'):
        status = t.insert(pa.table({'k': range(100)}))
    assert (status.num_rows, status.num_excs) == (100, 1)
    assert t.where(t.half.errortype != None).select(t.k).collect()['k'] == [50]  # noqa: E711


@pxt.udf
def inverse(k: int) -> float:
    return 1 / k


def test_what_fails_late_leaves_no_file(t: pxt.Table) -> None:
    with pytest.raises(pxt.RequestError, match='row 95'):
        t.insert({'k': n if n != 95 else 'x'} for n in range(100))
    assert (t.count(), files(t)) == (0, 0)


def test_a_source_that_fails_is_heard(t: pxt.Table) -> None:
    def batches() -> Any:
        yield from pa.table({'k': range(70)}).to_batches(max_chunksize=10)
        raise OSError('the disk is gone')

    with pytest.raises(OSError, match='the disk is gone'):
        t.insert(batches())
    assert (t.count(), files(t)) == (0, 0)


def test_a_store_that_fails_is_heard(t: pxt.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = t._session.engine.context.store.objects
    put, done = objects.put, []

    def failing(key: str, data: Any) -> None:
        done.append(key)
        if len(done) == 2:
            raise pxt.ServiceUnavailableError(pxt.ErrorCode.STORE_UNAVAILABLE, 'no space left')
        put(key, data)

    monkeypatch.setattr(objects, 'put', failing)
    with pytest.raises(pxt.ServiceUnavailableError, match='no space left'):
        t.insert(pa.table({'k': range(200)}))
    assert (t.count(), files(t)) == (0, 0)


def test_short_inserts_start_no_thread(t: pxt.Table) -> None:
    before = threading.active_count()
    t.insert(pa.table({'k': range(29)}))
    assert threading.active_count() <= before


def test_a_table_is_created_from_a_reader(home: Any) -> None:
    data = pa.table({'k': range(100), 's': [str(n) for n in range(100)]})
    t = pxt.create_table('from_reader', source=pa.RecordBatchReader.from_batches(data.schema, data.to_batches()))
    assert t.collect()['k'] == list(range(100))
    t = pxt.create_table('from_batches', source=iter(data.to_batches(max_chunksize=9)), primary_key='k')
    assert t.where(t.k == 77).collect()['s'] == ['77']
