"""One session used by threads, and from inside a running event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from ready import printed, script

import pixeltable as pxt


def test_threads_lose_nothing(t) -> None:
    t.add_computed_column(d=t.k * 2)

    def work(number: int) -> None:
        for step in range(10):
            t.insert(k=number * 100 + step, s='x')
            t.update({'s': f'{number}'}, where=t.k == number * 100 + step)
            t.where(t.k == number * 100).collect()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(1, 5)))
    assert t.count() == 45
    assert sorted(t.where(t.s == '3').collect()['d']) == [600 + 2 * step for step in range(10)]


def test_updates_of_the_same_row_all_count(t) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: t.update({'k': t.k + 1}, where=t.s == 'a'), range(12)))
    assert t.where(t.s == 'a').collect()['k'] == [12]


def test_a_column_added_while_rows_are_inserted(t) -> None:
    @pxt.udf
    async def slow(k: int) -> int:
        import asyncio

        await asyncio.sleep(0.2)
        return k * 10

    with ThreadPoolExecutor(2) as pool:
        adding = pool.submit(lambda: t.add_computed_column(x=slow(t.k)))
        for k in range(5, 8):
            t.insert(k=k, s='x')
        adding.result()
    assert t.collect()['x'] == [k * 10 for k in range(8)]


def test_two_threads_add_the_same_column(t) -> None:
    def add(_: int) -> bool:
        try:
            t.add_computed_column(x=t.k + 1)
        except pxt.AlreadyExistsError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, range(2))) == [False, True]
    assert t.columns() == ['k', 's', 'f', 'x']


def test_inside_a_running_loop(t) -> None:
    @pxt.udf
    async def later(k: int) -> int:
        import asyncio

        await asyncio.sleep(0)
        return k + 1

    async def program() -> list[int]:
        t.add_computed_column(x=later(t.k))
        t.insert(k=5, s='x')
        return t.where(later(t.k) > 4).collect()['x']

    assert asyncio.run(program()) == [5, 6]


def test_primary_keys_hold_between_threads() -> None:
    u = pxt.create_table('u', {'k': pxt.Int}, primary_key='k')

    def add(k: int) -> int:
        try:
            return u.insert(k=k % 5).num_rows
        except pxt.RequestError:
            return 0

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(add, range(20))) == 5
    assert sorted(u.collect()['k']) == [0, 1, 2, 3, 4]


def test_create_table_in_two_threads() -> None:
    def create(_: int) -> str:
        try:
            pxt.create_table('same', {'k': pxt.Int})
        except pxt.AlreadyExistsError as error:
            return str(error.error_code.name)
        return 'made'

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(create, range(2))) == ['PATH_ALREADY_EXISTS', 'made']


def test_a_forked_child_has_a_session_of_its_own(t) -> None:
    code = (
        'import os, pixeltable as pxt\n'
        "t = pxt.create_table('forked', {'k': pxt.Int}); t.insert(k=1)\n"
        'child = os.fork()\n'
        'if child == 0:\n    t2 = pxt.get_table("forked"); t2.insert(k=2); os._exit(0)\n'
        'assert os.waitpid(child, 0)[1] == 0\n'
        "assert t.collect()['k'] == [1, 2]\n"
    )
    printed(script(code))
