"""Views of unions, and of queries over queries: how they follow, what they keep, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from shouting import CALLS, shout

import pixeltable as pxt
from pixeltable import functions as fn


@pytest.fixture
def u(t: pxt.Table) -> pxt.Table:
    u = pxt.create_table('u', {'n': pxt.Float, 'name': pxt.String})
    u.insert([{'n': n / 2, 'name': f'n{n}'} for n in range(3)])
    return u


def test_all_rows_of_two_tables(t, u) -> None:
    v = pxt.create_view('v', t.union(u, all=True))
    assert (v.columns(), str(v._schema().find('k').type)) == (['k', 's'], 'Float | None')
    ids = dict(v.select(v.s, v.id).collect().to_pandas().values.tolist())
    u.insert([{'n': 9, 'name': 'new'}])
    t.update({'s': 'B'}, where=t.k == 1)
    t.delete(t.s == None)  # noqa: E711
    assert v.order_by(v.k, v.s).collect()['s'] == ['a', 'n0', 'n1', 'B', 'n2', 'a', 'new']
    kept = dict(v.select(v.s, v.id).collect().to_pandas().values.tolist())
    assert kept['B'] == ids['b']
    assert kept['n1'] == ids['n1']


def test_rows_that_both_have_come_once(t, u) -> None:
    v = pxt.create_view('v', t.select(t.s).union(u.select(u.name)))
    assert v.order_by(v.s).collect()['s'] == ['a', 'b', 'n0', 'n1', 'n2', None]
    u.insert([{'n': 1, 'name': 'a'}])
    t.delete(t.s == 'a')
    assert v.order_by(v.s).collect()['s'] == ['a', 'b', 'n0', 'n1', 'n2', None]
    u.delete(u.name == 'a')
    assert v.order_by(v.s).collect()['s'] == ['b', 'n0', 'n1', 'n2', None]


def test_functions_are_called_for_new_rows_alone(t, u) -> None:
    both = t.union(u, all=True)
    v = pxt.create_view(
        'v', both.where(both.k < 5).select(both.k, loud=shout(both.s)), additional_columns={'twice': both.k * 2}
    )
    CALLS.clear()
    u.insert([{'n': 4, 'name': 'new'}, {'n': 5, 'name': 'more'}])
    t.update({'k': 3}, where=t.k == 2)
    assert CALLS == ['new']
    assert v.where(v.loud == 'NEW').collect() == [{'k': 4.0, 'loud': 'NEW', 'twice': 8.0}]


def test_groups_that_are_chosen(t) -> None:
    totals = t.group_by(t.s).select(t.s, n=fn.count(t.k)).subquery()
    v = pxt.create_view('v', totals.where(totals.n > 1), additional_columns={'note': pxt.String | None})
    v.update({'note': 'mine'})
    t.insert([{'k': 7, 's': 'b'}, {'k': 8, 's': 'a'}])
    assert v.order_by(v.s).collect() == [{'s': 'a', 'n': 3, 'note': 'mine'}, {'s': 'b', 'n': 2, 'note': None}]


def test_each_row_beside_the_total(t) -> None:
    totals = t.group_by(t.s).select(t.s, n=fn.count(t.k)).subquery()
    v = pxt.create_view('v', t.join(totals, on=t.s == totals.s).select(t.k, part=1 / totals.n))
    t.delete(t.k == 0)
    assert v.order_by(v.k).collect() == [{'k': 1, 'part': 1.0}, {'k': 2, 'part': 1.0}]


def test_a_view_over_such_a_view(t, u) -> None:
    v = pxt.create_view('v', t.union(u, all=True))
    w = pxt.create_view('w', v.group_by(v.k).select(v.k, n=fn.count(v.s)))
    u.insert([{'n': 0, 'name': 'new'}])
    assert w.where(w.k == 0).collect()['n'] == [3]
    assert v.at(0).count() == 7
    pxt.drop_table('t', force=True)
    assert pxt.list_tables() == ['u']


def test_explain_says_how_it_follows(t, u) -> None:
    every = t.union(u, all=True)
    totals = t.group_by(t.s).select(t.s, n=fn.count(t.k)).subquery()
    wanted = [
        (every, ['t: incremental: the rows', 'u: incremental: the rows']),
        (
            every.group_by(every.s).select(every.s, n=fn.count(every.k)),
            ['t: incremental for inserts', 'u: incremental'],
        ),
        (t.select(t.s).union(u.select(u.name)), ['t: recomputes the groups', 'u: recomputes the groups']),
        (totals.where(totals.n > 1), ['t: recomputes the groups']),
        (totals.limit(2), ['t: recomputes the whole']),
        (t.join(totals, on=t.s == totals.s).select(t.k, totals.n), ['t: recomputes the whole']),
    ]
    for query, hows in wanted:
        lines = pxt.create_view('v', query, if_exists='replace').explain().splitlines()[-len(hows) :]
        for line, how in zip(lines, hows, strict=True):
            assert line.startswith(f'follows    {how}')


def test_a_snapshot_of_a_sample(t) -> None:
    s = pxt.create_snapshot('s', t.sample(n=2, seed=3))
    before = t.sample(n=2, seed=3).collect()
    t.delete()
    assert s.order_by(s.k).collect() == sorted(before, key=lambda row: row['k'])


def test_how_it_prints(t, u) -> None:
    v = pxt.create_view('v', t.union(u, all=True))
    assert repr(v).startswith("view 'v' (of 't', 'u')")
    assert v.get_base_table() == t
    assert (t.list_views(), u.list_views()) == (['v'], ['v'])


REFUSED: list[tuple[Any, pxt.ErrorCode, str]] = [
    (
        lambda t, u: pxt.create_view('v', t.at(0).union(u, all=True)),
        pxt.ErrorCode.UNSUPPORTED_OPERATION,
        'past version',
    ),
    (lambda t, u: pxt.create_view('v', t.sample(n=1)), pxt.ErrorCode.UNSUPPORTED_OPERATION, 'sample'),
    (
        lambda t, u: pxt.create_view('v', t.union(u, all=True), additional_columns={'x': t.k + 1}),
        pxt.ErrorCode.UNSUPPORTED_OPERATION,
        'belongs to',
    ),
    (
        lambda t, u: pxt.create_view('v', t.union(u, all=True), additional_columns={'s': pxt.Int | None}),
        pxt.ErrorCode.COLUMN_ALREADY_EXISTS,
        "column 's'",
    ),
    (lambda t, u: pxt.create_view('v', t.union(u.select(u.n))), pxt.ErrorCode.INVALID_ARGUMENT, '2, 1 columns'),
    (
        lambda t, u: (pxt.create_view('v', t.union(u, all=True)), u.drop_column('name')),
        pxt.ErrorCode.UNSUPPORTED_OPERATION,
        "view 'v' needs it",
    ),
    (
        lambda t, u: (pxt.create_view('v', t.union(u, all=True)), pxt.drop_table('u')),
        pxt.ErrorCode.CONSTRAINT_VIOLATION,
        "view 'v'",
    ),
]


@pytest.mark.parametrize(('call', 'code', 'message'), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_done(t, u, call, code, message) -> None:
    with pytest.raises(pxt.Error, match=message) as refused:
        call(t, u)
    assert refused.value.error_code is code
    assert (t.columns(), u.columns()) == (['k', 's'], ['n', 'name'])
