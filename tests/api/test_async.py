"""Verbs for programs with an event loop of their own."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

import pixeltable as pxt
from pixeltable.api.threads import in_thread
from pixeltable.exec.cancelling import Cancellation, Cancelled, cancellable, current


@pxt.udf
async def hangs(x: int) -> int:
    await asyncio.sleep(60)
    return x


@pxt.udf
def blocks(x: int) -> int:
    time.sleep(0.2)
    return x


def test_insert_and_query(t) -> None:
    async def main() -> None:
        status = await t.insert_async([{'k': 5, 's': 'f'}], return_rows=True)
        assert status.rows == [{'k': 5, 's': 'f', 'f': None}]
        await t.insert_async(k=6, s='g')
        assert (await t.where(t.k > 4).collect_async())['s'] == ['f', 'g']
        assert [row['k'] async for row in t.where(t.k > 3).stream()] == [4, 5, 6]

    asyncio.run(main())


def test_errors_arrive(t) -> None:
    with pytest.raises(pxt.NotFoundError):
        asyncio.run(t.insert_async(nothing=1))


def test_the_loop_is_not_blocked(t) -> None:
    async def main() -> int:
        ticks = 0
        task = asyncio.create_task(t.select(blocks(t.k)).collect_async())
        while not task.done():
            await asyncio.sleep(0.01)
            ticks += 1
        return ticks

    assert asyncio.run(main()) >= 5


def test_cancelling_cancels_the_calls_and_inserts_nothing(t) -> None:
    t.delete()
    t.add_computed_column(h=hangs(t.k))
    version = t.get_metadata()['version']

    async def main() -> None:
        task = asyncio.create_task(t.insert_async({'k': k, 's': 'x'} for k in range(5000)))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    started = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - started < 5
    assert t.count() == 0
    assert t.get_metadata()['version'] == version


def test_functions_in_threads_are_not_waited_for(t, calls) -> None:
    path = calls.path

    @pxt.udf
    def slow(x: int) -> int:
        with open(path, 'a') as file:
            file.write('called\n')
        time.sleep(0.5)
        return x

    t.add_computed_column(y=slow(t.k))
    calls.take()

    async def main() -> float:
        task = asyncio.create_task(t.insert_async({'k': k, 's': 'x'} for k in range(1000)))
        await asyncio.sleep(0.3)
        task.cancel()
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - started

    assert asyncio.run(main()) < 0.4
    assert t.count() == 5
    made = len(calls.take())
    time.sleep(0.7)
    assert len(calls.take()) == 0 < made <= 40


def test_a_scan_is_cancelled_between_its_parts(t) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with cancellable(cancellation), pytest.raises(Cancelled):
        t.collect()


def test_cancelling_a_stream(t) -> None:
    async def main() -> list[int]:
        return [row['k'] async for row in t.select(t.k, h=hangs(t.k)).stream()]

    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(main(), 0.3))


def test_leaving_a_stream(t) -> None:
    async def main() -> int:
        async for row in t.stream():
            return int(row['k'])
        return -1

    assert asyncio.run(main()) == 0


def test_many_at_once(t) -> None:
    async def main() -> list[int]:
        queries = (t.where(t.k == k % 5).collect_async() for k in range(20))
        return [len(rows) for rows in await asyncio.gather(*queries)]

    assert asyncio.run(main()) == [1] * 20


def test_a_result_that_is_there_is_not_lost_to_a_late_cancellation() -> None:
    committed = threading.Event()

    def work() -> str:
        committed.set()
        time.sleep(0.05)
        return 'done'

    async def main() -> str:
        task = asyncio.create_task(in_thread(work))
        await asyncio.to_thread(committed.wait)
        task.cancel()
        return await task

    assert asyncio.run(main()) == 'done'


def test_work_sees_the_cancellation_of_its_task() -> None:
    begun = threading.Event()

    def work() -> None:
        cancellation = current()
        begun.set()
        while True:
            cancellation.check()
            time.sleep(0.001)

    async def main() -> None:
        async with asyncio.timeout(0.05):
            await in_thread(work)

    with pytest.raises(TimeoutError):
        asyncio.run(main())
    assert begun.is_set()
