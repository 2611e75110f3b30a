from __future__ import annotations

import datetime
import uuid

import pandas as pd
import pyarrow as pa
import pydantic
import pytest

import pixeltable as pxt


@pytest.fixture
def u() -> pxt.Table:
    """Rows with the composite key `(a, b)`: `(1, 'x')`, `(1, 'y')`, `(2, 'x')`."""
    u = pxt.create_table(
        'u',
        {'a': pxt.Int, 'b': pxt.String, 'n': pxt.Int | None, 's': pxt.String | None},
        primary_key=['a', 'b'],
    )
    u.insert([{'a': 1, 'b': 'x', 'n': 10}, {'a': 1, 'b': 'y', 'n': 20}, {'a': 2, 'b': 'x', 'n': 30}])
    return u


def test_rows_with_different_columns_in_one_version(u) -> None:
    before = len(u.get_versions())
    status = u.batch_update(
        [{'a': 1, 'b': 'x', 'n': 11}, {'b': 'x', 'a': 2, 's': 'two', 'n': None}, {'a': 1, 'b': 'y'}]
    )
    assert (status.num_rows, status.updated_cols) == (3, ['u.n', 'u.s'])
    assert u.collect() == [
        {'a': 1, 'b': 'x', 'n': 11, 's': None},
        {'a': 1, 'b': 'y', 'n': 20, 's': None},
        {'a': 2, 'b': 'x', 'n': None, 's': 'two'},
    ]
    assert len(u.get_versions()) == before + 1


def test_rows_keep_their_ids(u) -> None:
    u.batch_update([{'a': 2, 'b': 'x', 'n': 1}, {'a': 1, 'b': 'x', 'n': 2}])
    assert u.select(u.id, u.n).collect() == [{'id': 1, 'n': 2}, {'id': 2, 'n': 20}, {'id': 3, 'n': 1}]


@pytest.mark.parametrize('name', ['_rowid', 'id', 'ID'])
def test_rows_by_id(t, name) -> None:
    assert t.batch_update([{name: 4, 's': 'four'}, {name: 1, 'k': 100}]).num_rows == 2
    assert t.collect()['s'] == ['a', 'b', 'c', 'four', 'e']
    assert t.collect()['k'] == [100, 1, 2, 3, 4]
    t.batch_update([{name: 4, 's': 'once more'}])
    assert t.collect()['s'] == ['a', 'b', 'c', 'once more', 'e']


def test_a_column_called_id_is_that_column() -> None:
    v = pxt.create_table('v', {'id': pxt.Int, 'n': pxt.Int}, primary_key='id')
    v.insert([{'id': 7, 'n': 0}, {'id': 8, 'n': 0}])
    v.batch_update([{'id': 8, 'n': 1}])
    v.batch_update([{'_rowid': 1, 'n': 2}])
    assert v.collect() == [{'id': 7, 'n': 2}, {'id': 8, 'n': 1}]


def test_missing_rows(u) -> None:
    rows = [{'a': 1, 'b': 'x', 'n': 0}, {'a': 9, 'b': 'q', 'n': 1}, {'a': 8, 'b': 'q', 'n': 2}]
    with pytest.raises(pxt.NotFoundError, match=r"a = 9, b = 'q' \(row 1 of the call\), and none for 1 other") as error:
        u.batch_update(rows)
    assert error.value.error_code is pxt.ErrorCode.ROW_NOT_FOUND
    assert u.collect()['n'] == [10, 20, 30]
    assert u.batch_update(rows, if_not_exists='ignore').num_rows == 1
    status = u.batch_update(rows, if_not_exists='insert')
    assert (status.row_count_stats.upd_rows, status.row_count_stats.ins_rows) == (1, 2)
    assert u.select(u.id, u.n).collect()[3:] == [{'id': 4, 'n': 1}, {'id': 5, 'n': 2}]


def test_a_missing_id(t) -> None:
    with pytest.raises(pxt.NotFoundError, match='id 77'):
        t.batch_update([{'_rowid': 77, 's': 'x'}])
    t.delete(t.k == 0)
    assert t.batch_update([{'_rowid': 1, 's': 'x'}, {'_rowid': 2, 's': 'x'}], if_not_exists='ignore').num_rows == 1


def counting(calls, name):
    path = calls.path

    @pxt.udf
    def logged(x: int) -> int:
        with open(path, 'a') as log:
            log.write(f'{name} {x}\n')
        return x * 2

    return logged


def test_only_what_depends_on_new_values(calls) -> None:
    v = pxt.create_table('v', {'k': pxt.Int, 'm': pxt.Int, 'n': pxt.Int}, primary_key='k')
    v.insert([{'k': k, 'm': k, 'n': k} for k in range(5)])
    v.add_computed_column(mm=counting(calls, 'm')(v.m))
    v.add_computed_column(nn=counting(calls, 'n')(v.n))
    calls.take()
    status = v.batch_update(
        [{'k': 0, 'm': 50}, {'k': 1, 'n': 51}, {'k': 2, 'm': 52, 'n': 62}, {'k': 3, 'm': 3, 'n': 63}, {'k': 4, 'm': 4}]
    )
    assert calls.take() == ['m 50', 'm 52', 'n 51', 'n 62', 'n 63']
    assert (status.num_rows, status.num_computed_values) == (5, 5)
    assert v.collect()['mm'] == [100, 2, 104, 6, 8]
    assert v.collect()['nn'] == [0, 102, 124, 126, 8]


def test_nothing_is_computed_in_vain(calls) -> None:
    v = pxt.create_table('v', {'k': pxt.Int, 'm': pxt.Int}, primary_key='k')
    v.add_computed_column(mm=counting(calls, 'm')(v.m))
    v.insert(k=1, m=1)
    calls.take()
    with pytest.raises(pxt.NotFoundError, match='k = 2'):
        v.batch_update([{'k': 1, 'm': 5}, {'k': 2, 'm': 6}])
    with pytest.raises(pxt.RequestError, match='no value'):
        v.upsert([{'k': 1, 'm': 5}, {'k': 2}])
    assert calls.take() == []


def test_nothing_new_is_no_version(u) -> None:
    before = len(u.get_versions())
    assert u.batch_update([{'a': 1, 'b': 'x', 'n': 10}, {'a': 2, 'b': 'x'}]).num_rows == 2
    assert u.upsert([{'a': 1, 'b': 'x', 'n': 10}]).num_rows == 1
    assert len(u.get_versions()) == before


def test_without_cascade(u) -> None:
    u.add_computed_column(double=u.n * 2)
    u.batch_update([{'a': 1, 'b': 'x', 'n': 5}], cascade=False)
    assert u.collect()['double'] == [20, 40, 60]


class Row(pydantic.BaseModel):
    a: int
    b: str
    n: int


@pytest.mark.parametrize(
    'make', [list, pd.DataFrame, pa.Table.from_pylist, lambda rows: [Row(**row) for row in rows], iter]
)
def test_sources(u, make) -> None:
    status = u.upsert(make([{'a': 1, 'b': 'y', 'n': 21}, {'a': 5, 'b': 'z', 'n': 50}]))
    assert (status.row_count_stats.upd_rows, status.row_count_stats.ins_rows) == (1, 1)
    assert u.collect()['n'] == [10, 21, 30, 50]


def test_a_query_as_source(u, t) -> None:
    u.upsert(t.where(t.k > 0).select(a=t.k, b='x', s=t.s))
    assert u.collect()['s'] == ['b', None, 'c', 'd', 'e']
    t.batch_update(t.where(t.k == 3).select(t.id, s='by id'))
    assert t.collect()['s'] == ['a', 'b', 'c', 'by id', 'e']


def test_upsert_follows_the_order_of_the_call(u) -> None:
    rows = [{'a': 6, 'b': 'x'}, {'a': 5, 'b': 'x', 's': 'five'}, {'a': 1, 'b': 'x', 'n': 1}, {'a': 4, 'b': 'x'}]
    status = u.upsert(rows, return_rows=True)
    assert [row['a'] for row in status.rows] == [6, 5, 1, 4]
    assert [row['a'] for row in u.collect()[3:]] == [6, 5, 4]
    assert status.rows == list(u.where((u.a > 3) | (u.n == 1)).order_by(u.id != 4, u.id != 5, u.n).collect())


def test_returned_rows_are_those_of_a_query(u, calls) -> None:
    u.add_computed_column(double=u.n * 2)
    u.add_computed_column(text=u.b + '!', stored=False)
    given = [{'a': 1, 'b': 'y', 'n': 7}, {'a': 9, 'b': 'q', 'n': 1}]
    status = u.batch_update(given, if_not_exists='insert', return_rows=True)
    assert status.rows == list(u.where((u.n == 7) | (u.a == 9)).collect())
    assert u.update({'n': 3}, where=u.a == 1, return_rows=True).rows == list(u.where(u.a == 1).collect())
    assert u.insert(a=10, b='z', return_rows=True).rows == list(u.where(u.a == 10).collect())
    assert u.batch_update([{'a': 77, 'b': ''}], if_not_exists='ignore', return_rows=True).rows == []


def test_a_failing_cell_is_an_error_of_the_cell_or_of_the_call(u) -> None:
    @pxt.udf
    def positive(n: int) -> int:
        if n < 0:
            raise ValueError(f'{n} is below 0')
        return n

    u.add_computed_column(p=positive(u.n))
    rows = [{'a': 1, 'b': 'x', 'n': -1}, {'a': 7, 'b': 'x', 'n': -2}]
    with pytest.raises(pxt.RequestError, match='below 0'):
        u.upsert(rows, on_error='abort')
    with pytest.raises(pxt.RequestError, match='below 0'):
        u.batch_update(rows, if_not_exists='insert', on_error='abort')
    assert u.collect()['p'] == [10, 20, 30]
    with pytest.warns(pxt.PixeltableWarning):
        assert u.upsert(rows).num_excs == 2
    assert u.select(e=u.p.errortype).collect()['e'] == ['ValueError', None, None, 'ValueError']


KEYS = {
    'Int': (pxt.Int, [0, -1, 2**63 - 1]),
    'String': (pxt.String, ['', 'a', 'ä' * 100]),
    'Float': (pxt.Float, [0.5, float('inf'), -1.0]),
    'Bool': (pxt.Bool, [True, False]),
    'Timestamp': (pxt.Timestamp, [datetime.datetime(2024, 1, day, tzinfo=datetime.UTC) for day in (1, 2, 3)]),
    'Date': (pxt.Date, [datetime.date(1969, 12, 31), datetime.date(2024, 1, 1)]),
    'UUID': (pxt.UUID, [uuid.UUID(int=number) for number in (0, 1, 2**127)]),
    'Binary': (pxt.Binary, [b'', b'\0', b'\0\0']),
    'Json': (pxt.Json, [{'x': [1]}, None or [], 'text']),
    'Array': (pxt.Array[(2,), pxt.Int], [[1, 2], [2, 1], [0, 0]]),
}


@pytest.mark.parametrize('kind', KEYS)
def test_keys_of_every_type(kind, reopen) -> None:
    type_, values = KEYS[kind]
    v = pxt.create_table('v', {'k': type_, 'n': pxt.Int}, primary_key='k')
    v.insert([{'k': value, 'n': 0} for value in values])
    with pytest.raises(pxt.RequestError, match='primary key k ='):
        v.insert(k=values[-1], n=1)
    v._session.flush(v._table_id)
    v.upsert([{'k': value, 'n': number} for number, value in enumerate(values)])
    assert v.select(v.n).collect()['n'] == list(range(len(values)))
    v.delete()
    v.insert(k=values[0], n=9)
    assert v.count() == 1


def test_equal_keys_are_those_that_compare_equal() -> None:
    v = pxt.create_table('v', {'f': pxt.Float, 'n': pxt.Int}, primary_key='f')
    v.insert([{'f': 0.0, 'n': 0}, {'f': float('nan'), 'n': 1}])
    for same in (-0.0, float('nan')):
        with pytest.raises(pxt.RequestError, match='primary key'):
            v.insert(f=same, n=2)
    assert v.where(v.f == -0.0).count() == 1
    j = pxt.create_table('j', {'j': pxt.Json}, primary_key='j')
    j.insert(j={'a': 1, 'b': 2})
    with pytest.raises(pxt.RequestError, match='primary key'):
        j.insert(j={'b': 2, 'a': 1})


def test_no_rows_change_nothing(home) -> None:
    t = pxt.create_table('empty', {'k': pxt.Int, 's': pxt.String | None}, primary_key='k')
    for status in (t.batch_update([]), t.upsert([]), t.batch_update([], return_rows=True)):
        assert (status.num_rows, status.rows or []) == (0, [])
    assert t.get_metadata()['version'] == 0
