"""Decision 0008: what trying again costs, by tenacity and by a loop of our own.

.venv/bin/python benchmarks/decisions/retries.py
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from pixeltable.exec.limits.retrying import with_retries
from pixeltable.udf.retry import Retry

Call = Callable[[], Awaitable[Any]]
NO_WAIT = Retry(first_wait=0)


async def bare(call: Call) -> Any:
    return await call()


async def by_tenacity(call: Call) -> Any:
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(ConnectionError),
        stop=stop_after_attempt(5),
        wait=wait_exponential_jitter(multiplier=0, jitter=0),
        reraise=True,
    )
    return await retrying(call)


async def by_hand(call: Call) -> Any:
    for attempt in range(5):
        try:
            return await call()
        except ConnectionError:
            if attempt == 4:
                raise
            await asyncio.sleep(random.uniform(0, 0))
    return None


async def ours(call: Call) -> Any:
    return await with_retries(call, NO_WAIT)


def failing(times: int) -> Call:
    left = times

    async def call() -> None:
        nonlocal left
        if left:
            left -= 1
            raise ConnectionError

    return call


async def microseconds(way: Callable[[Call], Awaitable[Any]], failures: int, repeats: int = 3000) -> float:
    times = []
    for _ in range(5):
        calls = [failing(failures) for _ in range(repeats)]
        began = time.process_time()  # of this process alone, as a busy machine multiplies the rest
        for call in calls:
            await way(call)
        times.append((time.process_time() - began) / repeats)
    return min(times) * 1e6


def import_seconds(statement: str) -> float:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, '-c', f'import asyncio; {statement}'], check=True)
        times.append(time.perf_counter() - began)
    return min(times)


async def main() -> None:
    for way in (bare, by_hand, by_tenacity, ours):
        costs = [await microseconds(way, failures) for failures in (0, 1, 3) if way is not bare or not failures]
        print(f'{way.__name__:12}', ' '.join(f'{cost:8.1f} µs' for cost in costs))
    print(f'import      {(import_seconds("import tenacity") - import_seconds("")) * 1e3:8.1f} ms')


if __name__ == '__main__':
    asyncio.run(main())
