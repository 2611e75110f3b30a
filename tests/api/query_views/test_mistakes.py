"""What users do to views of queries and what is under them: renaming, dropping, tables without a past, going on after errors."""

from __future__ import annotations

from typing import Any

import pytest

import pixeltable as pxt
from pixeltable import functions as fn


@pxt.udf
def picky(k: int) -> int:
    return 10 // (k - 2)


def rows(result: Any) -> list[str]:
    return sorted(repr(tuple(row.values())) for row in result.collect())


def test_columns_and_tables_get_other_names(t) -> None:
    totals = t.group_by(t.s).select(t.s, n=fn.count(t.k)).subquery()
    v = pxt.create_view('v', totals.where(totals.n > 0))
    above = pxt.create_view('above', v.where(v.n > 1).select(v.s))
    t.rename_column('s', 'letter')
    v.rename_column('n', 'number')
    pxt.move('t', 'moved')
    assert repr(pxt.create_view('shown', t.group_by(t.letter).select(t.letter))).splitlines()[1] == 'Group By: letter'
    t.rename_column('letter', 'sign')
    assert repr(pxt.get_table('shown')).splitlines()[1] == 'Group By: sign'
    t.insert([{'k': 9, 'sign': 'b'}])
    assert v.order_by(v.s).collect() == [{'s': 'a', 'number': 2}, {'s': 'b', 'number': 2}, {'s': None, 'number': 1}]
    assert sorted(above.collect()['s']) == ['a', 'b']
    with pytest.raises(pxt.AlreadyExistsError):
        v.rename_column('number', 's')


def test_a_column_that_several_views_use_cannot_go(t) -> None:
    v = pxt.create_view('v', t.group_by(t.s).select(t.s, n=fn.count(t.k)))
    v.add_computed_column(twice=v.n * 2)
    pxt.create_view('w', v.group_by(v.twice).select(v.twice, more=fn.max(v.twice)))
    with pytest.raises(pxt.RequestError, match="cannot be dropped: view 'w' needs it; drop that first"):
        v.drop_column('twice')
    t.add_column(other=pxt.Int | None)
    t.drop_column('other')


def test_a_table_without_a_past_has_no_views() -> None:
    t = pxt.create_table('t', {'k': pxt.Int}, _is_data_versioned=False)
    u = pxt.create_table('u', {'k': pxt.Int})
    for query in (t.group_by(t.k).select(t.k), u.union(t, all=True), u.select(u.k).union(t.select(t.k))):
        with pytest.raises(pxt.RequestError, match='keeps no versions'):
            pxt.create_view('v', query)


@pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')
def test_errors_as_cells_of_what_is_aggregated(t) -> None:
    t.add_computed_column(p=picky(t.k))
    queries = {
        'sums': t.group_by(t.s).select(t.s, n=fn.count(t.p), total=fn.sum(t.p), failed=fn.count(t.p.errortype)),
        'failures': t.where(t.p.errortype != None).group_by(t.s).select(t.s, n=fn.count(t.k)),  # noqa: E711
        'both': t.where(t.p > 0).select(t.k, t.p).union(t.where(t.p < 0).select(t.k, t.p), all=True),
    }
    views = {name: pxt.create_view(name, query) for name, query in queries.items()}
    changes = [
        lambda: t.insert([{'k': 2, 's': None}, {'k': 5, 's': 'a'}]),
        lambda: t.update({'k': 4}, where=(t.k == 2) & (t.s == 'a')),
        lambda: t.recompute_columns('p', errors_only=True),
        lambda: t.delete(t.k == 2),
    ]
    for change in changes:
        change()
        for name, query in queries.items():
            assert rows(views[name]) == rows(query), name


def test_a_change_that_is_to_be_whole(t) -> None:
    both = t.select(t.k).union(t.select(t.k), all=True)
    v = pxt.create_view('v', both.where(both.k > 2), additional_columns={'p': picky(both.k - 3)})
    with pytest.raises(pxt.Error, match=r'p.* failed'):
        t.insert([{'k': 5}], on_error='abort')
    assert (t.count(), v.count()) == (4, 2)


def test_empty_tables() -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String | None})
    u = pxt.create_table('u', {'k': pxt.Int})
    totals = t.group_by(t.s).select(t.s, n=fn.count(t.k)).subquery()
    queries = [
        t.group_by(t.s).select(t.s, n=fn.count(t.k)),
        t.select(n=fn.count(t.k), m=fn.max(t.s)),
        *(t.join(u, on='k', how=how) for how in ('inner', 'left', 'full_outer')),
        t.order_by(t.k).limit(3),
        t.select(t.k).union(u, all=True),
        totals.where(totals.n > 1),
        t.limit(0),
    ]
    views = [pxt.create_view(f'v{number}', query) for number, query in enumerate(queries)]
    changes = [
        lambda: t.insert([{'k': 1, 's': None}, {'k': 3}]),
        lambda: u.insert([{'k': 1}, {'k': 2}]),
        lambda: t.delete(),
        lambda: u.delete(),
        lambda: t.insert([{'k': 2, 's': 'x'}]),
    ]
    for change in changes:
        change()
        for view, query in zip(views, queries, strict=True):
            assert rows(view) == rows(query)
