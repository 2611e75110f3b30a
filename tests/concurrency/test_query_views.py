"""Views over two tables, to which several processes write: each equals its query, with what all of them wrote."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pixeltable as pxt
from pixeltable import functions as fn


def rows(result: Any) -> list[str]:
    return sorted(repr(tuple(row.values())) for row in result.collect())


def test_writers_of_both_tables(team: Any) -> None:
    t = pxt.get_table('t')
    rated = pxt.create_table('rated', {'batch': pxt.String, 'by': pxt.String, 'stars': pxt.Int})
    joined = t.join(rated, on=t.batch == rated.batch)
    queries = {
        'pairs': joined.select(t.batch, t.n, rated.by, rated.stars),
        'left': t.where(t.size < 5).join(rated, on=t.batch == rated.batch, how='left').select(t.batch, t.n, rated.by),
        'sums': t.group_by(t.batch).select(t.batch, rows=fn.count(t.n), total=fn.sum(t.double)),
        'means': joined.group_by(rated.by).select(rated.by, mean=fn.mean(t.n)),
        'best': rated.order_by(rated.stars, asc=False).limit(7).select(rated.batch, rated.stars),
    }
    views = {name: pxt.create_view(name, query) for name, query in queries.items()}
    above = pxt.create_view('above', views['pairs'].where(views['pairs'].stars > 3))
    inserted = team.work(
        ('insert', {'name': 'a', 'times': 5}),
        ('rate', {'name': 'x', 'times': 5}),
        ('insert', {'name': 'b', 'times': 5}),
        ('rate', {'name': 'y', 'times': 5}),
    )
    assert (t.count(), rated.count()) == (inserted[0] + inserted[2], inserted[1] + inserted[3])
    for name, query in queries.items():
        assert rows(views[name]) == rows(query), name
    assert rows(above) == rows(views['pairs'].where(views['pairs'].stars > 3))
    assert pxt.verify().problems == ()


def test_threads_take_turns(home: Any) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'group': pxt.Int})
    v = pxt.create_view('v', t.group_by(t.group).select(t.group, n=fn.count(t.k)))
    pxt.create_view('w', v.where(v.n > 2))

    def insert(k: int) -> None:
        for group in range(8):
            t.insert([{'k': k, 'group': group}])

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(insert, k) for k in range(8)]:
            future.result(timeout=120)
    assert v.collect()['n'] == pxt.get_table('w').collect()['n'] == [8] * 8
