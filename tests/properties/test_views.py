"""The law of views: after whatever was done to a table, each view equals one that is created anew, and calls were minimal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pixeltable as pxt

CALLS: list[int] = []


class Item(TypedDict):
    item: int


@pxt.udf
def costly(a: int | None) -> int | None:
    CALLS.append(0 if a is None else a)
    return None if a is None else a * 7


@pxt.iterator
def up_to(a: int) -> Iterator[Item]:
    for item in range(a % 4):
        yield {'item': item + a // 4}


_VALUE = st.integers(0, 12)
_NULLABLE = st.one_of(st.none(), _VALUE)
_STEP = st.one_of(
    st.tuples(st.just('insert'), st.lists(st.tuples(_NULLABLE, _VALUE), min_size=1, max_size=4)),
    st.tuples(st.just('update_a'), _VALUE, _NULLABLE),
    st.tuples(st.just('update_b'), _VALUE, _VALUE),
    st.tuples(st.just('delete'), _VALUE),
    st.tuples(st.just('recompute')),
    st.tuples(st.just('optimize')),
    st.tuples(st.just('revert')),
)


def carry_out(t: pxt.Table, step: Any) -> None:
    match step:
        case 'insert', rows:
            t.insert([{'a': a, 'b': b} for a, b in rows])
        case 'update_a', b, a:
            t.update({'a': a}, where=t.b == b)
        case 'update_b', a, b:
            t.update({'b': b}, where=t.a == a)
        case 'delete', b:
            t.delete(t.b == b)
        case ('recompute',):
            t.recompute_columns('c')
        case ('optimize',):
            t.optimize()
        case ('revert',):
            if t.get_metadata()['version'] > 2:
                t.revert()


def views(t: pxt.Table, prefix: str) -> list[pxt.Table]:
    """One of each kind."""
    rows = pxt.create_view(f'{prefix}_rows', t.where(t.c > 3), additional_columns={'d': costly(t.a), 'e': t.b + t.c})
    above = pxt.create_view(f'{prefix}_above', rows.where(rows.e < 30).select(rows.d, f=rows.e * 2, g=t.b))
    items = pxt.create_view(f'{prefix}_items', t.where(t.b > 2), iterator=up_to(t.a), additional_columns={'h': t.b * 3})
    deep = pxt.create_view(f'{prefix}_deep', items, iterator=up_to(items.item), additional_columns={'k': items.h + t.c})
    some = pxt.create_view(f'{prefix}_some', t.sample(fraction=0.5, seed=5))
    return [rows, above, items, deep, some]


def contents(view: pxt.Table) -> list[str]:
    return sorted(map(repr, view.collect()))


@settings(max_examples=8, deadline=None)
@given(steps=st.lists(_STEP, max_size=6))
def test_views_equal_a_rebuild(steps) -> None:
    pxt.drop_dir('law', force=True, if_not_exists='ignore')
    pxt.create_dir('law')
    t = pxt.create_table('law/t', {'a': pxt.Int | None, 'b': pxt.Int})
    t.add_computed_column(c=t.a + 1)
    t.insert([{'a': a, 'b': a} for a in range(6)])
    followed = views(t, 'law/old')
    for step in steps:
        carry_out(t, step)
    for old, new in zip(followed, views(t, 'law/new'), strict=True):
        assert contents(old) == contents(new), (old, steps)
        assert old.count() == len(old.collect())
    assert pxt.verify().problems == ()


@settings(max_examples=4, deadline=None)
@given(step=st.tuples(st.just('update_b'), _VALUE, _VALUE) | st.tuples(st.just('delete'), _VALUE))
def test_nothing_is_called_for_what_did_not_change(step) -> None:
    pxt.drop_dir('law', force=True, if_not_exists='ignore')
    pxt.create_dir('law')
    t = pxt.create_table('law/t', {'a': pxt.Int | None, 'b': pxt.Int})
    t.add_computed_column(c=t.a + 1)
    t.insert([{'a': a, 'b': a} for a in range(8)])
    views(t, 'law/v')
    CALLS.clear()
    carry_out(t, step)
    assert CALLS == []


@pytest.fixture(autouse=True)
def _fresh_home(home: Any) -> None:
    pass
