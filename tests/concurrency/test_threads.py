"""Threads of one process share its session."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest

import pixeltable as pxt

pytestmark = pytest.mark.usefixtures('team')


def together(*work: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(work)) as pool:
        return [future.result(timeout=120) for future in [pool.submit(each) for each in work]]


def test_threads_insert_and_read(tasks: ModuleType) -> None:
    *inserted, torn = together(
        lambda: tasks.insert('a', 15),
        lambda: tasks.insert('b', 15),
        lambda: tasks.insert('c', 15),
        lambda: tasks.read(40),
    )
    t = pxt.get_table('t')
    assert torn == []
    assert t.count() == sum(inserted)
    assert len({row['row_id'] for row in t.select(row_id=t.id).collect()}) == sum(inserted)


def test_threads_increment(tasks: ModuleType) -> None:
    t = pxt.get_table('t')
    t.insert(tasks.rows_of('counter', 1))
    together(*[lambda: tasks.increment(15)] * 3)
    assert list(t.select(t.n, t.double, t.triple).collect()) == [{'n': 45, 'double': 90, 'triple': 135}]


def test_a_thread_adds_columns_while_others_write(tasks: ModuleType) -> None:
    pxt.get_table('t').insert(tasks.rows_of('counter', 5))
    names = [f'extra{number}' for number in range(4)]
    together(lambda: tasks.add_columns(names), lambda: tasks.insert('a', 20), lambda: tasks.increment(10))
    t = pxt.get_table('t')
    assert all(row[name] == row['n'] * 3 + 1 for row in t.collect() for name in names)
