"""Rows come, change and go, and views of rows and of queries follow: whatever is found, they agree with the rows."""

from __future__ import annotations

from typing import Any

import pixeltable as pxt
from pixeltable import functions
from scenarios.maintenance import Purges
from scenarios.rows import Deletes, Inserts, Updates


def _create_views() -> None:
    t = pxt.get_table('t')
    v = pxt.create_view('v', t.where(t.place % 2 == 0), additional_columns={'sum': t.n + t.double})
    pxt.create_view('w', v.where(v.sum > 20).select(v.sum, label=v.text + '!'))
    groups = t.group_by(t.batch).select(t.batch, rows=functions.count(t.n), total=functions.sum(t.n))
    pxt.create_view('groups', groups, additional_columns={'more': functions.sum(t.n) + 1})
    pxt.create_view('pairs', t.join(v, on=(t.batch == v.batch) & (t.place == v.place)).select(t.text, v.sum))
    pxt.create_view('both', t.select(t.text).union(v.select(v.text), all=True))
    pxt.create_view('last', t.order_by(t.n, asc=False).limit(5).select(t.n))


def _checked(rows: Any) -> Any:
    """`rows` of the base; AssertionError if the views are not what follows from them."""
    v, w = pxt.get_table('v'), pxt.get_table('w')
    expected = sorted((row['text'], row['n'] * 3) for row in rows if row['place'] % 2 == 0)
    assert sorted((row['text'], row['sum']) for row in v.collect()) == expected
    labels = sorted((sum_, f'{text}!') for text, sum_ in expected if sum_ > 20)
    assert sorted((row['sum'], row['label']) for row in w.collect()) == labels
    assert sorted((row['text'], row['sum']) for row in pxt.get_table('pairs').collect()) == expected
    texts = sorted([row['text'] for row in rows] + [text for text, _ in expected])
    assert sorted(pxt.get_table('both').collect()['text']) == texts
    assert sorted(pxt.get_table('last').collect()['n']) == sorted(row['n'] for row in rows)[-5:]
    totals: dict[int, list[int]] = {}
    for row in rows:
        totals.setdefault(row['batch'], []).append(row['n'])
    groups = [{'batch': k, 'rows': len(n), 'total': sum(n), 'more': sum(n) + 1} for k, n in sorted(totals.items())]
    found = pxt.get_table('groups')
    assert found.order_by(found.batch).collect() == groups
    return rows


class ViewedInserts(Inserts):
    """Inserts into a table with views."""

    def prepare(self) -> None:
        super().prepare()
        _create_views()

    def found(self) -> Any:
        return _checked(super().found())


class ViewedUpdates(Updates):
    """Updates of a table with views, which rows enter and leave."""

    def prepare(self) -> None:
        super().prepare()
        _create_views()

    def found(self) -> Any:
        return _checked(super().found())


class ViewedDeletes(Deletes):
    """Deletions from a table with views."""

    def prepare(self) -> None:
        super().prepare()
        _create_views()

    def found(self) -> Any:
        return _checked(super().found())


class ViewedPurges(Purges):
    """Updates and purges of a table with views, in whose past the purged rows are."""

    def prepare(self) -> None:
        super().prepare()
        _create_views()

    def found(self) -> Any:
        return _checked(super().found())
