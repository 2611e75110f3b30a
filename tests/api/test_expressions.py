"""Expressions by type, evaluated end to end. That SQL and Python agree is tested in `exec/differential`."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

import pixeltable as pxt

DAY = datetime.date(2024, 2, 29)
NOON = datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.UTC)


@pytest.fixture
def w() -> pxt.Table:
    types = {
        'i': pxt.Int,
        'f': pxt.Float,
        's': pxt.String,
        'b': pxt.Bool,
        'ts': pxt.Timestamp,
        'd': pxt.Date,
        'j': pxt.Json,
        'a': pxt.Array[(2, 3), pxt.Float],
        'n': pxt.Int | None,
    }
    table = pxt.create_table('w', types)
    data = {'list': [{'x': 1}, {'x': 2}], 'text': 'hi', 'deep': {'er': [10, 20, 30]}}
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    table.insert(i=7, f=2.5, s='Hello World', b=True, ts=NOON, d=DAY, j=data, a=array, n=None)
    return table


CASES = {
    'add': (lambda w: w.i + 1, 8),
    'floor division as in Python': (lambda w: -w.i // 2, -4),
    'modulo as in Python': (lambda w: -w.i % 4, 1),
    'true division': (lambda w: w.i / 2, 3.5),
    'division by zero': (lambda w: w.i / (w.i - 7), None),
    'power': (lambda w: w.i**2, 49.0),
    'mixed numbers': (lambda w: w.i * w.f, 17.5),
    'reversed operands': (lambda w: 10 - w.i, 3),
    'absolute': (lambda w: abs(w.i - 10), 3),
    'NULL in arithmetic': (lambda w: w.n + 1, None),
    'concatenation': (lambda w: w.s + '!', 'Hello World!'),
    'string methods': (lambda w: w.s.upper().replace('WORLD', 'you').len(), 9),
    'contains': (lambda w: w.s.contains('World'), True),
    'startswith': (lambda w: w.s.startswith('World'), False),
    'isin': (lambda w: w.i.isin([1, 7]), True),
    'and or not': (lambda w: (w.b & ~(w.i > 10)) | (w.n == 5), True),
    'NULL in logic': (lambda w: w.b & (w.n > 1), None),
    'comparison with text of a date': (lambda w: w.d == '2024-02-29', True),
    'comparison of timestamps': (lambda w: w.ts < datetime.datetime(2025, 1, 1), True),
    'parts of a timestamp': (lambda w: w.ts.hour + w.ts.year, 2036),
    'parts of a date': (lambda w: w.d.day, 29),
    'cast to text': (lambda w: w.i.astype(pxt.String), '7'),
    'cast to int': (lambda w: w.f.astype(pxt.Int), 2),
    'json key': (lambda w: w.j.text, 'hi'),
    'json path': (lambda w: w.j['deep']['er'][1:], [20, 30]),
    'json star': (lambda w: w.j.list['*'].x, [1, 2]),
    'json missing': (lambda w: w.j.nothing.here, None),
    'json item as a number': (lambda w: w.j.list[0].x.astype(pxt.Int) + 1, 2),
    'arithmetic keeps whole numbers out of json': (lambda w: w.j.deep.er[0] + 1, 11),
    'floats and json': (lambda w: (w.j.deep.er[0] * 1.5).round(), 15.0),
    'quotients out of json': (lambda w: (w.j.deep.er[0] / w.i).round(2), 1.43),
    'powers out of json': (lambda w: w.j.deep.er[0] ** 2, 100.0),
    'template': (lambda w: f'{w.s}={w.i:>3}', 'Hello World=  7'),
}


@pytest.mark.parametrize(('build', 'expected'), CASES.values(), ids=CASES)
def test_value(w, build, expected) -> None:
    (row,) = w.select(x=build(w)).collect()
    assert row['x'] == expected
    assert type(row['x']) is type(expected)


def test_values_are_the_same_in_a_computed_column(w) -> None:
    for index, (build, _) in enumerate(CASES.values()):
        w.add_computed_column(**{f'c{index}': build(w)})
    row = w.collect()[0]
    assert [row[f'c{index}'] for index in range(len(CASES))] == [expected for _, expected in CASES.values()]


def test_array_items(w) -> None:
    row = w.select(one=w.a[1, 2], line=w.a[0], part=w.a[:, 1:]).collect()[0]
    assert row['one'] == 5.0
    assert row['line'].tolist() == [0, 1, 2]
    assert row['part'].tolist() == [[1, 2], [4, 5]]


def test_json_contains(w) -> None:
    assert w.where(w.j.deep.er.contains(20)).count() == 1
    assert w.where(w.j.contains('hi')).count() == 1
    assert w.where(w.j.list.contains('nothing')).count() == 0


def test_a_date_compared_with_a_timestamp_is_its_midnight(home) -> None:
    t = pxt.create_table('moments', {'at': pxt.Timestamp | None, 'day': pxt.Date | None})
    t.insert([{'at': datetime.datetime(2024, 1, 1, 5), 'day': datetime.date(2024, 1, 2)}, {'at': None, 'day': None}])
    t.insert(at=datetime.datetime(2024, 1, 3), day=datetime.date(2024, 1, 3))
    assert t.select(v=t.at == t.day).collect()['v'] == [False, None, True]
    assert t.where(t.at > datetime.date(2024, 1, 1)).count() == 2
    assert t.where(t.day >= datetime.datetime(2024, 1, 2, 1)).collect()['day'] == [datetime.date(2024, 1, 3)]


def test_arrays_of_lists(home) -> None:
    t = pxt.create_table('squares', {'k': pxt.Int})
    t.insert(k=5)
    assert t.select(v=pxt.array([[1, 2], [t.k, 4]])).collect()[0, 0].tolist() == [[1, 2], [5, 4]]
    with pytest.raises(pxt.RequestError):
        t.select(pxt.array([[1, 2], [t.k]])).collect()


def test_names_after_operators_and_clashes(home) -> None:
    t = pxt.create_table('named', {'k': pxt.Int, 'f': pxt.Float})
    t.insert(k=-1, f=1.26)
    assert t.select(abs(t.k), round(t.f, 1)).collect() == [{'abs': 1, 'round': 1.3}]
    with pytest.raises(pxt.RequestError) as caught:
        t.select(t.k, k=t.f)
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION


def test_a_method_that_is_not_called(home) -> None:
    t = pxt.create_table('methods', {'s': pxt.String})
    for call in (lambda: t.select(t.s.len), lambda: t.add_computed_column(x=t.s.len)):
        with pytest.raises(pxt.RequestError, match=r'<method s\.len: call it, as in s\.len\(\)>'):
            call()
    with pytest.raises(pxt.RequestError, match="has no 'astype'; call it") as caught:
        t.s.len.astype(pxt.Float)
    assert caught.value.error_code is pxt.ErrorCode.INVALID_EXPRESSION
    assert not hasattr(t.s.len, '_private')
