"""The law of views with queries: after whatever was done to the tables, each equals its query, run from scratch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query_views import nested, queries, rows

import pixeltable as pxt

_VALUE = st.integers(0, 8)
_NULLABLE = st.one_of(st.none(), _VALUE)
_ROWS = st.lists(st.tuples(_NULLABLE, _VALUE), min_size=1, max_size=4)
_STEP = st.one_of(
    st.tuples(st.just('insert_t'), _ROWS),
    st.tuples(st.just('insert_u'), _ROWS),
    st.tuples(st.just('update_t'), st.sampled_from(['a', 'b']), _VALUE, _VALUE),
    st.tuples(st.just('update_u'), st.sampled_from(['k', 'x']), _VALUE, _VALUE),
    st.tuples(st.just('delete_t'), _VALUE),
    st.tuples(st.just('delete_u'), _VALUE),
    st.tuples(st.just('purge_t'), _VALUE),
    st.tuples(st.sampled_from(['recompute', 'optimize', 'add_column', 'revert_t', 'revert_u'])),
    st.tuples(st.just('restore_t'), _VALUE),
)


def carry_out(t: pxt.Table, u: pxt.Table, step: Any) -> None:
    match step:
        case 'insert_t', given_:
            t.insert([{'a': a, 'b': b} for a, b in given_])
        case 'insert_u', given_:
            u.insert([{'k': k, 'x': x} for k, x in given_])
        case 'update_t', column, b, value:
            t.update({column: value}, where=t.b == b)
        case 'update_u', column, x, value:
            u.update({column: value}, where=u.x == x)
        case 'delete_t', b:
            t.delete(t.b == b)
        case 'delete_u', x:
            u.delete(u.x == x)
        case 'purge_t', b:
            t.purge(t.b == b)
        case ('recompute',):
            t.recompute_columns('c')
        case ('optimize',):
            t.optimize()
            u.optimize()
        case ('add_column',):
            t.add_column(if_exists='ignore', extra=pxt.Int | None)
        case ('revert_t',):
            if t.get_metadata()['version'] > 2:
                t.revert()
        case ('revert_u',):
            if u.get_metadata()['version'] > 1:
                u.revert()
        case 'restore_t', number:
            versions = t.get_metadata()['version']
            pxt.restore(t, version=2 + number % (versions - 1))


def fresh() -> tuple[pxt.Table, pxt.Table]:
    pxt.drop_dir('law', force=True, if_not_exists='ignore')
    pxt.create_dir('law')
    t = pxt.create_table('law/t', {'a': pxt.Int | None, 'b': pxt.Int})
    u = pxt.create_table('law/u', {'k': pxt.Int | None, 'x': pxt.Int})
    t.add_computed_column(c=t.a + 1)
    t.insert([{'a': a % 5, 'b': a} for a in range(7)])
    u.insert([{'k': k % 4, 'x': k} for k in range(5)])
    return t, u


@settings(max_examples=4, deadline=None)
@given(steps=st.lists(_STEP, max_size=6))
def test_views_equal_their_queries(steps) -> None:
    t, u = fresh()
    wanted = dict(queries(t, u))
    views = {name: pxt.create_view(f'law/{name}', query) for name, query in wanted.items()}
    above = pxt.create_view('law/above', views['inner'].where(views['inner'].s < 9))
    upon = views['groups'].join(above, on=views['groups'].a == above.a).select(above.s, views['groups'].n)
    both = pxt.create_view('law/both', upon)
    for step in steps:
        carry_out(t, u, step)
        for name, query in wanted.items():
            assert rows(views[name]) == rows(query), (name, step, steps)
        assert rows(above) == rows(views['inner'].where(views['inner'].s < 9)), (step, steps)
        assert rows(both) == rows(upon), (step, steps)
    assert pxt.verify().problems == ()


@settings(max_examples=3, deadline=None)
@given(steps=st.lists(_STEP, max_size=5))
def test_views_of_queries_of_queries(steps) -> None:
    t, u = fresh()
    wanted = dict(nested(t, u))
    views = {name: pxt.create_view(f'law/{name}', query) for name, query in wanted.items()}
    for step in steps:
        carry_out(t, u, step)
        for name, query in wanted.items():
            assert rows(views[name]) == rows(query), (name, step, steps)
    assert pxt.verify().problems == ()


@pytest.fixture(autouse=True)
def _fresh_home(home: Any) -> None:
    pass
