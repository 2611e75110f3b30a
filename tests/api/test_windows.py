"""Windows: running values, frames and ranks, in queries and as columns that are right after every change."""

from __future__ import annotations

import datetime
import random

import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf
from pixeltable.api import default

ROWS = [('a', 2, 1), ('a', 1, 10), ('b', 1, 100), ('a', 2, 1000), ('b', 0, None)]


@pytest.fixture
def t(home):
    t = pxt.create_table('t', {'g': pxt.String, 'o': pxt.Int, 'x': pxt.Int | None})
    t.insert([{'g': g, 'o': o, 'x': x} for g, o, x in ROWS])
    return t


@pxt.udf
def half(x: int) -> float:
    return x / 2


@pytest.mark.parametrize(
    ('window', 'expected'),
    [
        (lambda t: pxtf.sum(t.x, group_by=t.g, order_by=t.o), [11, 10, 100, 1011, None]),
        (lambda t: pxtf.sum(t.x, group_by=t.g), [1, 11, 100, 1011, 100]),
        (lambda t: pxtf.sum(t.x, order_by=t.o), [111, 10, 110, 1111, None]),
        (lambda t: pxtf.sum(t.x).over(), [1111] * 5),
        (lambda t: pxtf.sum(t.x).over(partition_by=t.g), [1011, 1011, 100, 1011, 100]),
        (lambda t: pxtf.count(t.x).over(order_by=t.o, frame=(-1, 1)), [3, 2, 3, 2, 1]),
        (lambda t: pxtf.row_number().over(partition_by=t.g, order_by=t.o), [2, 1, 2, 3, 1]),
        (lambda t: pxtf.rank().over(order_by=t.o), [4, 2, 2, 4, 1]),
        (lambda t: pxtf.dense_rank().over(order_by=t.o), [3, 2, 2, 3, 1]),
        (lambda t: pxtf.lag(t.x).over(order_by=t.o), [100, None, 10, 1, None]),
        (lambda t: pxtf.lead(t.x, 2).over(order_by=t.o), [None, 1, 1000, None, 100]),
        (lambda t: half(pxtf.sum(t.x).over(partition_by=t.g)) + t.o, [507.5, 506.5, 51.0, 507.5, 50.0]),
        (lambda t: pxtf.sum(half(t.x), group_by=half(t.o)), [0.5, 5.0, 55.0, 500.5, None]),
    ],
)
def test_in_a_query(t, window, expected) -> None:
    assert t.select(v=window(t)).collect()['v'] == expected


def test_a_window_sees_the_rows_that_the_filter_left(t) -> None:
    assert t.where(t.g == 'a').select(v=pxtf.sum(t.x).over()).collect()['v'] == [1011] * 3


def test_partitions_by_odd_values_and_several_at_once(home) -> None:
    t = pxt.create_table('odd', {'f': pxt.Float | None, 'j': pxt.Json | None, 'x': pxt.Int})
    floats = [0.0, None, float('nan'), -0.0, float('nan'), None]
    t.insert([{'f': f, 'j': {'a': [number % 2]}, 'x': 10**number} for number, f in enumerate(floats)])
    found = t.select(
        f=pxtf.sum(t.x).over(partition_by=t.f),
        j=pxtf.max(t.x).over(partition_by=t.j),
        both=pxtf.count().over(partition_by=[t.f, t.x > 1]),
        rank=pxtf.row_number().over(order_by=t.x),
    ).collect()
    assert found['f'] == [1001, 100010, 10100, 1001, 10100, 100010]
    assert found['j'] == [10**4, 10**5] * 3
    assert (found['both'], found['rank']) == ([1, 2, 2, 1, 2, 2], [1, 2, 3, 4, 5, 6])
    assert t.where(t.x < 0).select(n=pxtf.count().over()).collect()['n'] == []


@pytest.mark.parametrize('taken', [2**32 - 8, 2**32])
def test_equal_keys_stay_in_order_where_ids_are_long(t, taken) -> None:
    default.session().engine.catalog.take_row_ids(t.get_metadata()['id'].hex, taken)
    t.insert([{'g': 'a', 'o': 2, 'x': 5}])
    assert t.select(s=pxtf.sum(t.x).over(partition_by=t.g, order_by=t.o)).collect()['s'] == [
        11,
        10,
        100,
        1011,
        None,
        1016,
    ]
    assert t.order_by(t.g, t.o).select(t.x).collect()['x'] == [10, 1, 1000, 5, None, 100]


def test_over_groups(t) -> None:
    query = t.group_by(t.g).select(t.g, r=pxtf.rank().over(order_by=pxtf.sum(t.x))).order_by(t.g)
    assert query.collect() == [{'g': 'a', 'r': 2}, {'g': 'b', 'r': 1}]


def expected_running(rows: list[tuple[int, str, int, int]]) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for group in {g for _, g, _, _ in rows}:
        total = None
        for row_id, _, _, x in sorted((row for row in rows if row[1] == group), key=lambda row: (row[2], row[0])):
            total = total if x is None else (total or 0) + x
            found[row_id] = total
    return found


def test_as_a_column_after_every_change(t) -> None:
    t.add_computed_column(run=pxtf.sum(t.x, group_by=t.g, order_by=t.o))
    t.add_computed_column(twice=t.run * 2)
    draw = random.Random(3)
    for _ in range(8):
        t.insert([{'g': draw.choice('ab'), 'o': draw.randrange(4), 'x': draw.randrange(50)} for _ in range(2)])
        t.update({'x': draw.randrange(50)}, where=t.o == draw.randrange(4))
        t.delete(where=t.id == draw.randrange(1, 12))
        rows = [tuple(row.values()) for row in t.select(t.id, t.g, t.o, t.x).collect()]
        found = {row['id']: row['run'] for row in t.select(t.id, t.run).collect()}
        assert found == expected_running(rows)
        doubled = [None if value is None else 2 * value for value in found.values()]
        assert t.select(t.twice).collect()['twice'] == doubled


def test_a_column_over_windows_in_filters_and_changes(t) -> None:
    t.add_computed_column(run=pxtf.sum(t.x, group_by=t.g, order_by=t.o))
    assert t.where(t.run > 100).select(t.run).collect()['run'] == [1011]
    assert t.where(t.run > 10).count() == 3
    t.where(t.run > 1000).update({'x': 7})
    assert t.order_by(t.run).select(t.run).collect()['run'] == [10, 11, 18, 100, None]
    t.delete(where=t.run == 100)
    assert t.count() == 4
    assert t.insert([{'g': 'a', 'o': 9, 'x': 1}], return_rows=True).rows[0]['run'] == 19
    assert pxt.get_table('t:1').count() == 5
    other = t.subquery()
    assert t.join(other, on=t.run == other.run).count() == 4


def test_columns_over_whole_partitions_that_read_each_other(t) -> None:
    t.add_computed_column(own=pxtf.sum(t.x).over(partition_by=t.g))
    t.add_computed_column(of_order=pxtf.count(t.x).over(partition_by=t.o))
    t.add_computed_column(most=pxtf.max(t.own).over(partition_by=t.of_order))
    found = t.select(t.own, t.of_order, t.most, v=pxtf.min(t.own).over(partition_by=t.of_order)).collect()
    assert found['own'] == [1011, 1011, 100, 1011, 100]
    assert found['of_order'] == [2, 2, 2, 2, 0]
    assert (found['most'], found['v']) == ([1011, 1011, 1011, 1011, 100], [100] * 5)


def test_mistakes(t) -> None:
    t.add_computed_column(run=pxtf.sum(t.x, group_by=t.g))
    for call, code in (
        (lambda: t.select(pxtf.row_number()).collect(), pxt.ErrorCode.INVALID_EXPRESSION),
        (lambda: pxtf.row_number().over(), pxt.ErrorCode.MISSING_REQUIRED),
        (lambda: pxtf.sum(t.x).over(frame=3), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: pxtf.sum(t.x).over(frame=(2, 1)), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: pxtf.sum(pxtf.sum(t.x).over()).over(), pxt.ErrorCode.INVALID_EXPRESSION),
        (lambda: t.add_computed_column(w=pxtf.sum(t.x).over(), stored=True), pxt.ErrorCode.UNSUPPORTED_OPERATION),
        (lambda: t.add_computed_column(w=t.run + 1, stored=True), pxt.ErrorCode.UNSUPPORTED_OPERATION),
        (lambda: t.update({'x': t.run}), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    ):
        with pytest.raises(pxt.Error) as caught:
            call()
        assert caught.value.error_code is code


@pytest.mark.parametrize(
    ('type_', 'keys'),
    [
        (pxt.Int, [2**62, -1, None]),
        (pxt.Bool, [True, False, None]),
        (pxt.Date, [datetime.date(2020, 1, 1), datetime.date(1, 1, 1), None]),
        (pxt.Timestamp, [datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), None]),
        (pxt.String, ['', 'é', None]),
    ],
)
def test_what_partitions_have_in_common_stands_in_each_row(home, type_, keys) -> None:
    """Over several segments and a filter, in the order of the rows."""
    t = pxt.create_table('t', {'k': type_ | None, 'x': pxt.Int})
    rows = [(keys[(number * 7) % 11 % len(keys)], number) for number in range(100)]
    for start in range(0, 100, 25):
        t.insert([{'k': k, 'x': x} for k, x in rows[start : start + 25]])
    query = t.where(t.x < 90).select(
        t.x, total=pxtf.sum(t.x).over(partition_by=t.k), share=t.x * 100 / pxtf.count().over(partition_by=t.k)
    )
    kept = [(k, x) for k, x in rows if x < 90]
    found = [(row['x'], row['total'], row['share']) for row in query.collect()]
    assert found == [
        (x, sum(other for key, other in kept if key == k), x * 100 / sum(key == k for key, _ in kept)) for k, x in kept
    ]
    assert query.limit(3).collect()['total'] == [total for _, total, _ in found[:3]]
    assert [row['x'] for row in query.order_by(t.x, asc=False).collect()] == [x for x, _, _ in reversed(found)]
    assert ('share' in query.explain().replace('"share"', '')) == (type_ is not pxt.String)
    t.delete()
    assert len(query.collect()) == 0
