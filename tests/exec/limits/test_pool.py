from __future__ import annotations

import asyncio
import time

import pytest
import virtual
from virtual import MemoryTable, Refused

from pixeltable.config.limits import PoolSettings
from pixeltable.errors import ErrorCode, ExternalServiceError, ServiceUnavailableError
from pixeltable.exec.limits.retrying import attempts_made, with_retries
from pixeltable.udf.reporting import collecting, report_usage
from pixeltable.udf.retry import Retry

ONE_A_SECOND = PoolSettings(requests_per_minute=60 / 0.96)


def record(table):
    return table.records['fake']


async def answer():
    return 'answer'


async def refuse(seconds='30'):
    raise Refused({'retry-after': seconds})


def test_the_result_is_that_of_the_attempt() -> None:
    pool = virtual.pool(MemoryTable())
    assert virtual.run(pool.run(answer)) == 'answer'


def test_an_error_is_raised_as_it_is() -> None:
    async def fail():
        raise KeyError('mine')

    with pytest.raises(KeyError, match='mine'):
        virtual.run(virtual.pool(MemoryTable()).run(fail))


def test_what_is_reported_also_reaches_who_is_outside() -> None:
    async def attempt():
        report_usage(input_tokens=7, output_tokens=5)

    async def outside():
        with collecting() as report:
            await virtual.pool(table).run(attempt)
            await asyncio.sleep(2)
        return report.input_tokens

    table = MemoryTable()
    assert virtual.run(outside()) == 7
    assert record(table).mean_tokens == 12


def test_owners_take_turns() -> None:
    begun = []

    async def attempt(owner):
        begun.append(owner)

    async def all_of_them():
        pool = virtual.pool(MemoryTable(), ONE_A_SECOND)
        await asyncio.gather(*(pool.run(lambda o=owner: attempt(o), owner=owner) for owner in 'aaaaaabb'))

    virtual.run(all_of_them())
    assert ''.join(begun) == 'ababaaaa'


def test_a_call_that_is_cancelled_leaves_its_place_to_others() -> None:
    async def all_of_them():
        pool = virtual.pool(MemoryTable(), PoolSettings(concurrency=1))
        never = asyncio.Event()
        running = asyncio.create_task(pool.run(never.wait))
        waiting = [asyncio.create_task(pool.run(answer)) for _ in range(3)]
        await asyncio.sleep(0.1)
        waiting[0].cancel()
        running.cancel()
        return await asyncio.gather(running, *waiting, return_exceptions=True)

    first, second, *others = virtual.run(all_of_them())
    assert isinstance(first, asyncio.CancelledError)
    assert isinstance(second, asyncio.CancelledError)
    assert others == ['answer', 'answer']


def test_a_refusal_blocks_the_pool_for_all_processes() -> None:
    table = MemoryTable()

    async def refused_and_then():
        pools = virtual.pool(table), virtual.pool(table)
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(pool.run(answer) for pool in pools))
        with pytest.raises(Refused):
            await pools[0].run(refuse)
        await asyncio.sleep(0.1)
        began = loop.time()
        await asyncio.gather(*(pool.run(answer) for pool in pools))
        return loop.time() - began

    assert virtual.run(refused_and_then()) == pytest.approx(30, abs=2.5)
    assert record(table).generation == 1


def test_a_call_that_would_have_to_wait_too_long_fails_and_says_so() -> None:
    async def refused_and_then():
        pool = virtual.pool(MemoryTable())
        with pytest.raises(Refused):
            await pool.run(lambda: refuse('3600'))
        await with_retries(lambda: pool.run(answer), Retry(max_seconds=60), clock=virtual.VirtualClock())

    with pytest.raises(
        ExternalServiceError, match=r"'fake' takes no calls for 3\d\d\d seconds.*waits for 60 at most"
    ) as caught:
        virtual.run(refused_and_then())
    assert caught.value.error_code is ErrorCode.RATE_LIMITED
    assert attempts_made(caught.value) == 1


def test_waiting_for_a_turn_does_not_use_up_the_time_for_retries() -> None:
    left = [ConnectionError()]

    async def attempt():
        if left:
            raise left.pop()
        return 'answer'

    async def behind_others():
        pool = virtual.pool(MemoryTable(), ONE_A_SECOND)
        others = [asyncio.create_task(pool.run(answer)) for _ in range(60)]
        await asyncio.sleep(0)
        result = await with_retries(lambda: pool.run(attempt), Retry(max_seconds=5), clock=virtual.VirtualClock())
        await asyncio.gather(*others)
        return result

    assert virtual.run(behind_others()) == 'answer'


def test_in_a_pool_text_that_cannot_be_read_is_a_broken_answer() -> None:
    import json

    bodies = ['{"text": ', '{"text": "abc"}']

    async def attempt():
        return json.loads(bodies.pop(0))

    async def tried():
        pool = virtual.pool(MemoryTable())
        return await with_retries(lambda: pool.run(attempt), Retry(), clock=virtual.VirtualClock())

    assert virtual.run(tried()) == {'text': 'abc'}


def test_an_error_of_the_database_is_that_of_the_calls_that_wait() -> None:
    class Unavailable(MemoryTable):
        def change(self, name, step):
            if self.changes == 0:
                self.changes += 1
                raise ServiceUnavailableError(ErrorCode.DATABASE_UNAVAILABLE, 'The disk is full.')
            return super().change(name, step)

    async def twice():
        pool = virtual.pool(Unavailable())
        found = await asyncio.gather(pool.run(answer), pool.run(answer), return_exceptions=True)
        return [*found, await pool.run(answer)]

    first, second, third = virtual.run(twice())
    assert isinstance(first, ServiceUnavailableError)
    assert second is first
    assert third == 'answer'


def test_a_call_after_a_pause_does_not_wait() -> None:
    async def with_pauses():
        pool, loop = virtual.pool(MemoryTable(), ONE_A_SECOND), asyncio.get_running_loop()
        waited = []
        for pause in (0, 0.5, 1.5, 5, 30):
            await asyncio.sleep(pause)
            began = loop.time()
            await pool.run(answer)
            waited.append(loop.time() - began)
        return waited

    assert max(virtual.run(with_pauses())) < 0.01


def test_a_pool_costs_little(tmp_path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from pixeltable.exec.limits.pool import Pool

    async def many(executor):
        pool = Pool('fake', PoolSettings(concurrency=512), MemoryTable(), executor)
        await asyncio.gather(*(pool.run(answer) for _ in range(10_000)))

    with ThreadPoolExecutor(1) as executor:
        began = time.process_time()
        asyncio.run(many(executor))
        assert time.process_time() - began < 3
