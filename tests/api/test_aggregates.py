"""Aggregates: built in and declared, with filters, orders and distinct values."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf


@pxt.uda
class joined(pxt.Aggregator):  # noqa: N801
    def __init__(self, separator: str = ','):
        self._separator = separator
        self._texts: list[str] = []

    def update(self, value: int) -> None:
        if value == 13:
            raise ValueError('unlucky')
        self._texts.append(str(value))

    def value(self) -> str:
        return self._separator.join(self._texts)


@pxt.uda(requires_order_by=True, allows_window=True)
class in_order(pxt.Aggregator):  # noqa: N801
    def __init__(self) -> None:
        self._values: list[int] = []

    def update(self, value: int) -> None:
        self._values.append(value)

    def value(self) -> pxt.Json:
        return list(self._values)


@pxt.udf
def negative(x: int) -> int:
    return -x


@pytest.fixture
def t(home):
    t = pxt.create_table('t', {'g': pxt.String, 'o': pxt.Int, 'x': pxt.Int | None})
    rows = [('a', 2, 1), ('a', 1, 10), ('b', 1, 100), ('a', 2, 1000), ('b', 0, None)]
    t.insert([{'g': g, 'o': o, 'x': x} for g, o, x in rows])
    return t


def by_group(t, aggregate) -> list:
    return [row['v'] for row in t.group_by(t.g).select(t.g, v=aggregate).order_by(t.g).collect()]


def test_distinct_and_filters(t) -> None:
    assert by_group(t, pxtf.count(t.o, distinct=True)) == [2, 2]
    assert by_group(t, pxtf.sum(t.o, distinct=True)) == [3, 1]
    assert by_group(t, pxtf.sum(t.x, where=t.o > 1)) == [1001, None]
    assert by_group(t, pxtf.count(where=t.x == None)) == [0, 1]  # noqa: E711
    assert by_group(t, pxtf.mean(t.x, where=negative(t.o) == -2)) == [500.5, None]


def test_constants(t) -> None:
    assert by_group(t, pxtf.count(1)) == [3, 2]
    assert by_group(t, pxtf.sum(2)) == [6, 4]
    with pytest.raises(pxt.RequestError, match=r'For the column, write t\.x'):
        pxtf.max('x')


def test_expressions_over_aggregates(t) -> None:
    assert by_group(t, pxtf.sum(t.x) / pxtf.count(t.x) + 1) == [338.0, 101.0]
    assert by_group(t, negative(pxtf.max(t.x))) == [-1000, -100]


def test_having(t) -> None:
    query = t.group_by(t.g).having(pxtf.count(t.x) > 1).select(t.g)
    assert query.collect() == [{'g': 'a'}]
    assert t.group_by(t.g).having(joined(t.x) == '100').select(t.g).collect() == [{'g': 'b'}]
    assert query.count() == 1


def test_make_list(t) -> None:
    assert by_group(t, pxtf.json.make_list(t.x)) == [[1, 10, 1000], [100]]
    assert by_group(t, pxtf.json.make_list(obj=t.x, order_by=t.o)) == [[10, 1, 1000], [100]]
    assert t.where(t.o > 9).select(v=pxtf.json.make_list(t.x)).collect() == [{'v': []}]


def test_json_that_nothing_is_known_of_is_taken_as_numbers(home) -> None:
    t = pxt.create_table('readings', {'j': pxt.Json | None})
    t.insert([{'j': {'v': 2, 's': 'x'}}, {'j': {'v': 0.5}}, {'j': None}])
    query = t.select(pxtf.sum(t.j.v), pxtf.mean(t.j.v), pxtf.min(t.j.v), pxtf.max(t.j.v), pxtf.count(1))
    assert query.collect() == [{'sum': 2.5, 'mean': 1.25, 'min': 0.5, 'max': 2.0, 'count': 3}]
    with pytest.raises(pxt.RequestError, match='not of type Float'):
        t.select(pxtf.max(t.j.s)).collect()


def test_declared(t) -> None:
    assert by_group(t, joined(t.x)) == ['1,10,1000', '100']
    assert by_group(t, joined(t.x, separator='-', order_by=t.o)) == ['10-1-1000', '100']
    assert by_group(t, joined(negative(t.o), where=t.x > 1)) == ['-1,-2', '-1']
    assert t.select(joined(t.o)).collect() == [{'joined': '2,1,1,2,0'}]


def test_declared_with_an_order(t) -> None:
    assert by_group(t, in_order(t.o, t.x)) == [[10, 1, 1000], [100]]
    running = t.select(v=in_order(t.o, t.x, group_by=t.g)).collect()['v']
    assert running == [[10, 1], [10], [100], [10, 1, 1000], []]


def test_an_aggregate_that_fails(t) -> None:
    t.insert(g='c', o=0, x=13)
    with pytest.raises(pxt.Error, match='unlucky') as caught:
        t.select(joined(t.x)).collect()
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION


def test_python_keys_and_inputs(t) -> None:
    query = t.group_by(negative(t.o)).select(k=negative(t.o), v=pxtf.sum(negative(t.x))).order_by(negative(t.o))
    assert [tuple(row.values()) for row in query.collect()] == [(-2, -1001), (-1, -110), (0, None)]


def test_mistakes(t) -> None:
    for call, code in (
        (lambda: pxtf.sum(pxtf.sum(t.x)), pxt.ErrorCode.INVALID_EXPRESSION),
        (lambda: joined(pxtf.sum(t.x)), pxt.ErrorCode.INVALID_EXPRESSION),
        (lambda: joined(t.g), pxt.ErrorCode.TYPE_MISMATCH),
        (lambda: joined(), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: joined(t.x, separator=t.g), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: joined(t.x, group_by=t.g), pxt.ErrorCode.UNSUPPORTED_OPERATION),
        (lambda: in_order(), pxt.ErrorCode.MISSING_REQUIRED),
        (lambda: pxtf.count(distinct=True), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: pxtf.sum(t.g), pxt.ErrorCode.TYPE_MISMATCH),
        (lambda: t.group_by(t.g).having(t.o + 1), pxt.ErrorCode.UNSUPPORTED_OPERATION),
        (lambda: t.where(pxtf.sum(t.x) > 1), pxt.ErrorCode.INVALID_EXPRESSION),
        (lambda: pxt.uda(int), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: t.add_computed_column(s=pxtf.sum(t.x)), pxt.ErrorCode.INVALID_EXPRESSION),
        (lambda: t.select(t.o, pxtf.sum(t.x)).collect(), pxt.ErrorCode.INVALID_EXPRESSION),
    ):
        with pytest.raises(pxt.Error) as caught:
            call()
        assert caught.value.error_code is code
