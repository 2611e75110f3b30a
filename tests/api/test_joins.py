"""Joins: what pairs with what, what the columns are called, and what is refused."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf


@pxt.udf
def same(x: int, y: int) -> bool:
    return x == y


@pxt.udf
def plus_one(x: int) -> int:
    return x + 1


@pytest.fixture
def t(home):
    t = pxt.create_table('t', {'k': pxt.Int, 'a': pxt.String})
    t.insert([{'k': k, 'a': f't{k}'} for k in range(4)])
    return t


@pytest.fixture
def u(home):
    u = pxt.create_table('u', {'k': pxt.Int | None, 'b': pxt.Float})
    u.insert([{'k': 1, 'b': 1.0}, {'k': 3, 'b': 2.0}, {'k': 3, 'b': 3.0}, {'k': 9, 'b': 4.0}, {'k': None, 'b': 5.0}])
    return u


def pairs(query, *names) -> list[tuple]:
    return [tuple(row.values()) for row in query.collect()]


def test_inner(t, u) -> None:
    query = t.join(u, on=t.k == u.k).select(t.a, u.b).order_by(u.b)
    assert pairs(query) == [('t1', 1.0), ('t3', 2.0), ('t3', 3.0)]


def test_columns_that_clash_get_a_suffix(t, u) -> None:
    assert list(t.join(u, on='k').order_by(u.b).collect()[0].items()) == [('k', 1), ('a', 't1'), ('k_1', 1), ('b', 1.0)]


@pytest.mark.parametrize(
    ('how', 'expected'),
    [
        ('left', [(0, None), (1, 1.0), (2, None), (3, 2.0), (3, 3.0)]),
        ('right', [(1, 1.0), (3, 2.0), (3, 3.0), (None, 4.0), (None, 5.0)]),
        ('full_outer', [(0, None), (1, 1.0), (2, None), (3, 2.0), (3, 3.0), (None, 4.0), (None, 5.0)]),
    ],
)
def test_outer(t, u, how, expected) -> None:
    query = t.join(u, on=t.k == u.k, how=how).select(t.k, u.b).order_by(t.k, u.b)
    assert pairs(query) == expected
    assert all(type_.endswith('| None') for type_ in query.collect().schema.values()) is (how == 'full_outer')


def test_cross(t, u) -> None:
    assert t.join(u, how='cross').count() == 20
    assert pairs(t.join(u, how='cross').where((t.k == 2) & (u.b > 3)).select(u.b).order_by(u.b)) == [(4.0,), (5.0,)]


@pytest.mark.parametrize('on', ['k', ['k'], 'column', 'other', 'columns'])
def test_columns_by_name(t, u, on) -> None:
    given = {'column': t.k, 'other': u.k, 'columns': [t.k]}.get(on, on) if isinstance(on, str) else on
    assert t.join(u, on=given).count() == 3


def test_python_conditions(t, u) -> None:
    expected = pairs(t.join(u, on=t.k == u.k).select(t.a, u.b).order_by(u.b))
    for on in (same(t.k, u.k), plus_one(t.k) == plus_one(u.k), (t.k == u.k) & same(t.k, u.k)):
        assert pairs(t.join(u, on=on).select(t.a, u.b).order_by(u.b)) == expected


def test_python_conditions_of_outer_joins(t, u) -> None:
    query = t.join(u, on=plus_one(t.k) == u.k, how='left').select(t.k, u.b).order_by(t.k, u.b)
    assert pairs(query) == [(0, 1.0), (1, None), (2, 2.0), (2, 3.0), (3, None)]


@pytest.mark.parametrize('how', ['left', 'right', 'full_outer'])
def test_outer_joins_on_what_python_says_of_pairs(t, u, how) -> None:
    def rows(on, *, where=None):
        query = t.join(u, on=on, how=how)
        query = query if where is None else query.where(where)
        return query.order_by(t.k, u.b).collect(), query.count(), pairs(query.select(u.b).order_by(u.b))

    for on in (same(t.k, u.k), (t.k <= u.k) & same(t.k, u.k), same(t.k, u.k) & (plus_one(u.k) > 0)):
        assert rows(on) == rows(t.k == u.k)
        assert rows(on, where=u.b == None) == rows(t.k == u.k, where=u.b == None)  # noqa: E711


def test_an_outer_join_on_pairs_calls_nothing_for_what_has_no_partner(t, u, calls) -> None:
    path = calls.path

    @pxt.udf
    def noted(x: int | None, y: int | None) -> bool:
        with open(path, 'a') as log:
            log.write(f'{x} {y}\n')
        return x == y

    assert t.join(u, on=(t.k > 2) & (u.b > 1) & noted(t.k, u.k), how='left').count() == 5
    assert calls.take() == ['3 3', '3 3', '3 9', '3 None']


def test_an_outer_join_on_pairs_of_the_result_of_another(t, u) -> None:
    v = pxt.create_table('v', {'b': pxt.Float, 'c': pxt.String})
    v.insert([{'b': 2.0, 'c': 'x'}, {'b': 7.0, 'c': 'y'}])

    @pxt.udf
    def near(x: float, y: float) -> bool:
        return abs(x - y) < 0.5

    query = t.join(u, on=same(t.k, u.k), how='left').join(v, on=near(u.b, v.b), how='full_outer')
    found = pairs(query.select(t.a, u.b, v.c).order_by(t.a, u.b))
    assert found == [
        ('t0', None, None),
        ('t1', 1.0, None),
        ('t2', None, None),
        ('t3', 2.0, 'x'),
        ('t3', 3.0, None),
        (None, None, 'y'),
    ]


def test_what_fails_in_a_condition_of_pairs_is_said(t, u) -> None:
    @pxt.udf
    def picky(x: int, y: int) -> bool:
        raise ValueError('no match for me')

    with pytest.raises(pxt.RequestError, match='no match for me'):
        t.join(u, on=picky(t.k, u.k), how='left').collect()


def test_conditions_in_the_condition_keep_rows_without_partner(t, u) -> None:
    query = t.join(u, on=(t.k == u.k) & (u.b > 2), how='left').select(t.k, u.b).order_by(t.k)
    assert pairs(query) == [(0, None), (1, None), (2, None), (3, 3.0)]
    query = t.join(u, on=(t.k == u.k) & (t.k < 3), how='left').select(t.k, u.b).order_by(t.k)
    assert pairs(query) == [(0, None), (1, 1.0), (2, None), (3, None)]


def test_where_on_the_optional_side_comes_after_the_join(t, u) -> None:
    query = t.join(u, on='k', how='left').where(u.b == None).select(t.k).order_by(t.k)  # noqa: E711
    assert pairs(query) == [(0,), (2,)]


def test_an_outer_join_on_an_order(t, u) -> None:
    query = t.join(u, on=t.k > u.k, how='full_outer').select(t.k, u.b).order_by(t.k, u.b)
    assert pairs(query) == [
        (0, None),
        (1, None),
        (2, 1.0),
        (3, 1.0),
        (None, 2.0),
        (None, 3.0),
        (None, 4.0),
        (None, 5.0),
    ]


def test_three_tables(t, u) -> None:
    v = pxt.create_table('v', {'b': pxt.Float, 'c': pxt.String})
    v.insert([{'b': 2.0, 'c': 'x'}, {'b': 3.0, 'c': 'y'}])
    query = t.join(u, on=t.k).join(v, on=u.b == v.b, how='left').select(t.a, u.b, v.c).order_by(u.b)
    assert pairs(query) == [('t1', 1.0, None), ('t3', 2.0, 'x'), ('t3', 3.0, 'y')]


def test_with_itself(t) -> None:
    other = t.subquery()
    assert pairs(t.join(other, on=t.k == other.k + 1).select(t.k, other.k, other.id).order_by(t.k)) == [
        (1, 0, 1),
        (2, 1, 2),
        (3, 2, 3),
    ]


def test_with_a_past_version(t) -> None:
    t.update({'a': 'new'}, where=t.k > 1)
    before = pxt.get_table('t:1')
    assert pairs(t.join(before, on=t.id == before.id).where(t.a != before.a).select(t.a, before.a).order_by(t.id)) == [
        ('new', 't2'),
        ('new', 't3'),
    ]


def test_groups_of_pairs(t, u) -> None:
    query = t.join(u, on='k').group_by(t.a).select(t.a, n=pxtf.count(u.b), s=pxtf.sum(u.b)).order_by(t.a)
    assert pairs(query) == [('t1', 1, 1.0), ('t3', 2, 5.0)]


def test_count_head_and_tail(t, u) -> None:
    joined = t.join(u, on='k').select(u.b).order_by(u.b)
    assert joined.count() == 3
    assert pairs_of(joined.head(2)) == [1.0, 2.0]
    assert pairs_of(joined.tail(2)) == [2.0, 3.0]


def pairs_of(result) -> list:
    return result['b']


def test_an_empty_side(t, home) -> None:
    empty = pxt.create_table('e', {'k': pxt.Int, 'x': pxt.Json | None})
    assert t.join(empty, on='k').count() == 0
    assert len(t.join(empty, on='k', how='left').collect()) == 4


@pytest.mark.parametrize(
    ('arguments', 'code'),
    [
        ({}, pxt.ErrorCode.UNSUPPORTED_OPERATION),
        ({'on': 'a'}, pxt.ErrorCode.COLUMN_NOT_FOUND),
        ({'on': 'k', 'how': 'outer'}, pxt.ErrorCode.INVALID_ARGUMENT),
        ({'on': 'k', 'how': 'cross'}, pxt.ErrorCode.UNSUPPORTED_OPERATION),
        ({'on': 3}, pxt.ErrorCode.INVALID_EXPRESSION),
        ({'on': []}, pxt.ErrorCode.INVALID_ARGUMENT),
    ],
)
def test_mistakes(t, u, arguments, code) -> None:
    with pytest.raises(pxt.Error) as caught:
        t.join(u, **arguments)
    assert caught.value.error_code is code


def test_more_mistakes(t, u) -> None:
    for call, code in (
        (lambda: t.join('u', on='k'), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: t.join(t, on='k'), pxt.ErrorCode.UNSUPPORTED_OPERATION),
        (lambda: t.join(u, on=t.k + u.k), pxt.ErrorCode.TYPE_MISMATCH),
        (lambda: t.select(u.b).collect(), pxt.ErrorCode.UNSUPPORTED_OPERATION),
        (lambda: t.join(u, on='k').update({'a': 'x'}), pxt.ErrorCode.UNSUPPORTED_OPERATION),
        (lambda: t.sample(n=1).join(u, on='k'), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    ):
        with pytest.raises(pxt.Error) as caught:
            call()
        assert caught.value.error_code is code
