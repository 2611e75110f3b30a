"""What views cost: a small insert, update and delete in a base of a million rows, with and without one; beside their targets.

    .venv/bin/python benchmarks/run.py views

A minute. The first view is of rows, the others are of queries: a join with 10,000 rows, groups to which rows can be added, groups
that are computed again, the first rows in an order, a union, and groups that are chosen by what they have.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import measure
import numpy as np
import pyarrow as pa
from measure import once

import pixeltable as pxt
from pixeltable.functions import count, max, mean  # noqa: A004

PARTS = ('views',)
BASE = 1_000_000
NEW = 1000
RUNS = 7
NAMES = ('insert of 1,000 rows', 'update of a row', 'deletion of a row')
TARGET_MS = 100


def rows(first: int, count: int) -> pa.Table:
    """Rows of the base."""
    numbers = np.arange(first, first + count)
    return pa.table({'k': numbers, 'x': numbers * 0.5, 's': [f'text {number % 1000}' for number in numbers]})


def views() -> None:
    """Prints the figures."""
    plain, viewed = _filled('plain'), _filled('viewed')
    created = once(lambda: pxt.create_view('v', viewed.where(viewed.x > 100), additional_columns={'y': viewed.x * 2}))
    measure.console.print(f'creating a view of a million rows: {created:.2f} s')
    for name, without, with_view in zip(NAMES, _changes(plain), _changes(viewed), strict=True):
        times = [f'{_median(each) * 1e3:.1f} ms' for each in (without, with_view)]
        measure.console.print(f'{name}: {times[0]}, with a view {times[1]} (target {TARGET_MS} ms)')
    pxt.drop_table('v')
    for label, query in _queries(viewed).items():
        created = once(lambda query=query: pxt.create_view('v', query))  # type: ignore[misc]
        times = [f'{name} {_median(change) * 1e3:.1f} ms' for name, change in zip(NAMES, _changes(viewed), strict=True)]
        measure.console.print(
            f'{label}: created in {created:.2f} s; {", ".join(times)} (target of the insert {TARGET_MS} ms)'
        )
        pxt.drop_table('v')


def _queries(t: pxt.Table) -> dict[str, pxt.Query]:
    others = pxt.create_table('others', {'k': pxt.Int, 'name': pxt.String})
    others.insert(pa.table({'k': np.arange(10_000), 'name': [f'name {number}' for number in range(10_000)]}))
    totals = t.group_by(t.s).select(t.s, n=count(t.k), high=max(t.x)).subquery()
    return {
        'join': t.join(others, on=t.k % 10_000 == others.k).select(t.k, t.x, others.name),
        'groups, added to': t.group_by(t.s).select(t.s, n=count(t.k), high=max(t.x)),
        'groups, computed again': t.group_by(t.s).select(t.s, m=mean(t.x)),
        'first 100': t.order_by(t.x, asc=False).limit(100),
        'union': t.select(t.k, t.s).union(others, all=True),
        'chosen groups': totals.where(totals.n > 1000),
    }


def _filled(name: str) -> pxt.Table:
    table = pxt.create_table(name, {'k': pxt.Int, 'x': pxt.Float, 's': pxt.String})
    table.insert(rows(0, BASE))
    return table


def _changes(t: pxt.Table) -> list[Callable[[int], object]]:
    return [
        lambda number: t.insert(rows(BASE + number * NEW, NEW)),
        lambda number: t.update({'x': t.x + 1}, where=t.k == 500 + number),
        lambda number: t.delete(t.k == 800 + number),
    ]


def _median(change: Callable[[int], object]) -> float:
    times = sorted(once(lambda number=number: change(number)) for number in range(RUNS))  # type: ignore[misc]
    return times[RUNS // 2]


if __name__ == '__main__':
    pxt.init({'pixeltable.home': sys.argv[2], 'pixeltable.verbosity': 0})
    views()
