"""What a view costs: a small insert, update and delete in a base of a million rows, with and without one; beside their targets.

    .venv/bin/python benchmarks/run.py views

Half a minute.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import measure
import numpy as np
import pyarrow as pa
from measure import once

import pixeltable as pxt

PARTS = ('views',)
BASE = 1_000_000
NEW = 1000
RUNS = 7
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
    names = ('insert of 1,000 rows', 'update of a row', 'deletion of a row')
    for name, without, with_view in zip(names, _changes(plain), _changes(viewed), strict=True):
        times = [f'{_median(each) * 1e3:.1f} ms' for each in (without, with_view)]
        measure.console.print(f'{name}: {times[0]}, with a view {times[1]} (target {TARGET_MS} ms)')


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
