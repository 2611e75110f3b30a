"""Views over joins, groups and limits: what they show, what they keep, and what is refused."""

from __future__ import annotations

import pytest
from shouting import CALLS, shout

import pixeltable as pxt
from pixeltable import functions as fn


@pytest.fixture
def u(t: pxt.Table) -> pxt.Table:
    u = pxt.create_table('u', {'k': pxt.Int, 'name': pxt.String})
    u.insert([{'k': k, 'name': f'n{k}'} for k in range(1, 4)])
    return u


def test_all_columns_of_a_join(t, u) -> None:
    v = pxt.create_view('v', t.join(u, on='k'))
    assert v.columns() == ['k', 's', 'k_1', 'name']
    assert v.order_by(v.k).collect()[0] == {'k': 1, 's': 'b', 'k_1': 1, 'name': 'n1'}


def test_a_change_of_both_tables(t, u) -> None:
    v = pxt.create_view('v', t.join(u, on=t.k == u.k).select(t.s, u.name))
    u.insert([{'k': 0, 'name': 'n0'}])
    t.update({'s': 'new'}, where=t.k == 2)
    u.delete(u.k == 3)
    assert sorted(v.collect()['name']) == ['n0', 'n1', 'n2']
    assert v.where(v.name == 'n2').collect()['s'] == ['new']


def test_rows_keep_their_ids_and_what_was_called(t, u) -> None:
    v = pxt.create_view('v', t.join(u, on=t.k == u.k).select(t.s, loud=shout(u.name)))
    ids = v.select(v.id, v.loud).collect()
    CALLS.clear()
    t.update({'s': 'new'}, where=t.k == 2)
    assert (v.select(v.id, v.loud).collect(), CALLS) == (ids, [])
    u.update({'name': 'other'}, where=u.k == 2)
    assert CALLS == ['other']
    status = t.insert([{'k': 1, 's': 'more'}])
    assert (CALLS, status.cascade_row_count_stats.ins_rows) == (['other', 'n1'], 1)


def test_a_failing_function_makes_an_error_cell(t, u) -> None:
    @pxt.udf
    def picky(k: int | None) -> int:
        return 1 // (k - 2)

    with pytest.warns(pxt.PixeltableWarning, match='1 cell failed'):
        v = pxt.create_view('v', t.join(u, on=t.k == u.k).select(t.k, p=picky(u.k)))
    assert v.where(v.p == None).select(v.k, v.p.errortype).collect()[0] == {'k': 2, 'p_errortype': 'ZeroDivisionError'}  # noqa: E711


def test_a_failing_condition_stops_the_change(t, u) -> None:
    @pxt.udf
    def sure(k: int) -> bool:
        return 1 // (k - 7) < 5

    v = pxt.create_view('v', t.where(sure(t.k)).group_by(t.s).select(t.s, n=fn.count(t.k)))
    before = v.collect()
    with pytest.raises(pxt.Error, match="'v' cannot follow"):
        t.insert([{'k': 7}])
    assert (v.collect(), t.count()) == (before, 4)


def test_groups_with_null_keys(t) -> None:
    v = pxt.create_view('v', t.group_by(t.s).select(t.s, n=fn.count(t.k), m=fn.mean(t.k)))
    t.insert([{'k': 9}, {'k': 5, 's': 'c'}])
    t.delete(t.s == 'b')
    assert v.order_by(v.s).collect() == [
        {'s': 'a', 'n': 2, 'm': 1.0},
        {'s': 'c', 'n': 1, 'm': 5.0},
        {'s': None, 'n': 2, 'm': 6.0},
    ]


def test_an_aggregate_of_everything(t) -> None:
    v = pxt.create_view('v', t.select(n=fn.count(t.k), high=fn.max(t.k)), additional_columns={'twice': fn.max(t.k) * 2})
    t.insert([{'k': 9}])
    assert v.collect() == [{'n': 5, 'high': 9, 'twice': 18}]
    t.delete()
    assert v.collect() == [{'n': 0, 'high': None, 'twice': None}]


def test_a_limit_fills_up_again(t) -> None:
    v = pxt.create_view('v', t.order_by(t.k, asc=False).limit(2).select(t.k))
    t.delete(t.k == 3)
    assert sorted(v.collect()['k']) == [1, 2]
    t.update({'k': 10}, where=t.k == 0)
    assert sorted(v.collect()['k']) == [2, 10]


def test_columns_of_its_own(t, u) -> None:
    v = pxt.create_view(
        'v', t.join(u, on=t.k == u.k).select(u.name), additional_columns={'sum': t.k + u.k, 'n': pxt.Int | None}
    )
    v.add_computed_column(loud=v.name.upper())
    v.update({'n': 5}, where=v.name == 'n2')
    u.insert([{'k': 0, 'name': 'n0'}])
    assert v.order_by(v.name).select(v.name, v.sum, v.n, v.loud).collect()[2] == {
        'name': 'n2',
        'sum': 4,
        'n': 5,
        'loud': 'N2',
    }
    assert v.order_by(v.name).collect()['loud'] == ['N0', 'N1', 'N2', 'N3']


def test_its_past(t, u) -> None:
    v = pxt.create_view('v', t.join(u, on=t.k == u.k).select(t.k, u.name))
    u.update({'name': 'x'}, where=u.k == 1)
    t.delete(t.k == 3)
    assert v.at(0).order_by(v.at(0).k).collect()['name'] == ['n1', 'n2', 'n3']
    assert [each['change'] for each in v.diff(0)] == ['updated', 'deleted']
    assert len(v.changes(since=0)) == 2
    pxt.restore('u', version=1)
    assert sorted(v.collect()['name']) == ['n1', 'n2']


def test_a_snapshot_needs_no_table(t, u) -> None:
    s = pxt.create_snapshot('s', t.group_by(t.s).select(t.s, n=fn.count(t.k)))
    t.delete()
    pxt.vacuum()
    assert sorted(s.collect()['n']) == [1, 1, 2]
    with pytest.raises(pxt.RequestError, match="is a snapshot of 't'"):
        s.update({'n': 1})


def test_a_view_of_a_table_and_of_a_view_of_it(t) -> None:
    even = pxt.create_view('even', t.where(t.k % 2 == 0))
    v = pxt.create_view('v', t.join(even, on=t.k == even.k + 1).select(a=t.k, b=even.k))
    assert v.order_by(v.b).collect() == [{'a': 1, 'b': 0}, {'a': 3, 'b': 2}]
    t.insert([{'k': 4}, {'k': 5}])
    assert sorted(v.collect()['b']) == [0, 2, 4]
    pxt.drop_table('t', force=True)
    assert pxt.list_tables() == []


def test_what_it_is_of(t, u) -> None:
    v = pxt.create_view('v', t.join(u, on=t.k == u.k).select(t.k))
    assert v.get_base_table() == t
    assert (t.list_views(), u.list_views()) == (['v'], ['v'])
    assert (v.get_metadata()['kind'], v.get_metadata()['is_view']) == ('view', True)


def test_restoring_what_was_dropped(t, u) -> None:
    v = pxt.create_view('v', t.join(u, on=t.k == u.k).select(t.k, u.name))
    pxt.create_view('w', v.where(v.k > 1))
    pxt.drop_table('v', force=True)
    t.delete(t.k == 3)
    pxt.restore('v')
    assert sorted(pxt.get_table('w').collect()['name']) == ['n2']
    pxt.drop_table('u', force=True)
    t.insert([{'k': 3}])
    pxt.restore('u')
    assert sorted(pxt.get_table('w').collect()['name']) == ['n2', 'n3']
    assert pxt.verify().problems == ()


def test_explain_says_how_it_follows(t, u) -> None:
    joined = t.join(u, on=t.k == u.k)
    outer = {how: t.join(u, on=t.k == u.k, how=how).select(t.k, u.name) for how in ('left', 'full_outer')}
    wanted = [
        (t.where(t.k > 1), ['t: incremental: only rows that changed']),
        (joined.select(t.k), ['t: incremental: the rows', 'u: incremental: the rows']),
        (outer['left'], ['t: recomputes the rows of each row of t', 'u: recomputes the rows of each row of t']),
        (outer['full_outer'], ['t: recomputes the whole', 'u: recomputes the whole']),
        (t.group_by(t.s).select(t.s, n=fn.count(t.k)), ['t: incremental for inserts']),
        (t.group_by(t.s).select(t.s, m=fn.mean(t.k)), ['t: recomputes the groups']),
        (t.order_by(t.k).limit(2), ['t: incremental, among the rows']),
        (joined.group_by(u.name).limit(2).select(u.name), ['t: recomputes the whole', 'u: recomputes the whole']),
    ]
    for query, hows in wanted:
        lines = pxt.create_view('v', query, if_exists='replace').explain().splitlines()[-len(hows) :]
        assert [line.startswith(f'follows    {how}') for line, how in zip(lines, hows, strict=True)] == [True] * len(
            hows
        ), lines
    assert 'follows' not in t.explain()


REFUSED = [
    (lambda t, u, v: v.insert(k=1), pxt.ErrorCode.UNSUPPORTED_OPERATION, "those of 't' and 'u'"),
    (lambda t, u, v: v.delete(), pxt.ErrorCode.UNSUPPORTED_OPERATION, 'is a view'),
    (lambda t, u, v: v.update({'name': 'x'}), pxt.ErrorCode.UNSUPPORTED_OPERATION, 'filled by the query'),
    (lambda t, u, v: v.drop_column('name'), pxt.ErrorCode.UNSUPPORTED_OPERATION, 'the query of the view fills it'),
    (lambda t, u, v: u.drop_column('name'), pxt.ErrorCode.UNSUPPORTED_OPERATION, "view 'v' needs it"),
    (lambda t, u, v: pxt.drop_table('u'), pxt.ErrorCode.CONSTRAINT_VIOLATION, "view 'v'"),
    (lambda t, u, v: v.revert(), pxt.ErrorCode.UNSUPPORTED_OPERATION, 'first version'),
    (lambda t, u, v: pxt.create_view('w', t.order_by(t.k)), pxt.ErrorCode.UNSUPPORTED_OPERATION, 'no order'),
    (lambda t, u, v: pxt.create_view('w', t.sample(n=2)), pxt.ErrorCode.UNSUPPORTED_OPERATION, 'sample'),
    (
        lambda t, u, v: pxt.create_view('w', t.join(u.at(0), how='cross')),
        pxt.ErrorCode.UNSUPPORTED_OPERATION,
        'past version',
    ),
    (lambda t, u, v: pxt.create_view('w', t.group_by(t.s).select(t.k)), pxt.ErrorCode.INVALID_EXPRESSION, 'group_by'),
    (lambda t, u, v: pxt.create_view('w', t.select(fn.count(t.k))), pxt.ErrorCode.INVALID_COLUMN_NAME, 'count'),
    (
        lambda t, u, v: pxt.create_view('w', t.select(t.s).distinct(), additional_columns={'x': t.k + 1}),
        pxt.ErrorCode.INVALID_EXPRESSION,
        'distinct rows',
    ),
    (
        lambda t, u, v: pxt.create_view('w', t.limit(1), additional_columns={'x': u.k + 1}),
        pxt.ErrorCode.UNSUPPORTED_OPERATION,
        'belongs to',
    ),
    (
        lambda t, u, v: pxt.create_view('w', t.limit(1), additional_columns={'k': t.k + 1}),
        pxt.ErrorCode.COLUMN_ALREADY_EXISTS,
        "column 'k'",
    ),
]


@pytest.mark.parametrize(('call', 'code', 'message'), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_done_changes_nothing(t, u, call, code, message) -> None:
    v = pxt.create_view('v', t.join(u, on=t.k == u.k).select(t.k, u.name))
    before = v.collect()
    with pytest.raises(pxt.Error, match=message) as refused:
        call(t, u, v)
    assert refused.value.error_code is code
    assert (v.collect(), pxt.list_tables()) == (before, ['t', 'u', 'v'])
