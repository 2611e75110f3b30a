"""A view that is created while others write to its base misses nothing, and no reader sees the two disagree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import pixeltable as pxt


@pytest.fixture(autouse=True)
def _fresh_home(home) -> None:
    pass


def test_views_created_beside_writers(home) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'n': pxt.Int})
    t.insert([{'k': k, 'n': 0} for k in range(20)])

    def insert(first: int) -> None:
        for start in range(first, first + 100, 5):
            t.insert([{'k': start + i, 'n': 0} for i in range(5)])

    def increment() -> None:
        for _ in range(10):
            t.update({'n': t.n + 1}, where=t.k < 10)

    def create(number: int) -> None:
        pxt.create_view(f'v{number}', t.where(t.k % 2 == 0), additional_columns={'sum': t.k + t.n})

    def delete() -> None:
        for k in range(10, 20):
            t.delete(t.k == k)

    def read() -> list[tuple[int, int]]:
        return [
            (row['sum'], row['k'] + row['n'])
            for _ in range(15)
            for path in t.list_views()
            for row in pxt.get_table(path).collect()
            if row['sum'] != row['k'] + row['n']
        ]

    work = [lambda: insert(100), lambda: insert(300), increment, lambda: create(1), lambda: create(2), delete, read]
    with ThreadPoolExecutor(len(work)) as pool:
        *_, torn = [future.result(timeout=120) for future in [pool.submit(each) for each in work]]
    assert torn == []
    expected = sorted((row['k'], row['k'] + row['n']) for row in t.where(t.k % 2 == 0).collect())
    for number in (1, 2):
        view = pxt.get_table(f'v{number}')
        assert sorted((row['k'], row['sum']) for row in view.collect()) == expected
    assert pxt.verify().problems == ()
