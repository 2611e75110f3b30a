"""Minutes in seconds, whatever else the machine does: pools and a provider on an event loop whose time jumps to what comes next.

Each pool stands for a process; they share a table as processes do.
"""

from __future__ import annotations

import asyncio
import collections
import random
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from typing import Any

from pixeltable.catalog.work.pools import Member, PoolRecord, Step
from pixeltable.config.limits import PoolSettings
from pixeltable.exec.limits.clock import Clock
from pixeltable.exec.limits.pool import Pool
from pixeltable.exec.limits.retrying import with_retries
from pixeltable.udf.reporting import report_usage
from pixeltable.udf.retry import Retry


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that never sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__()

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self.now = max(self.now, self._scheduled[0]._when)
        super()._run_once()


class VirtualClock(Clock):
    def now(self) -> float:
        return 1.7e9 + asyncio.get_running_loop().time()


class AtOnce(Executor):
    """Runs what it is given before it returns: a thread would take time that the loop knows nothing of."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  as an executor does
            future.set_exception(error)
        return future


class MemoryTable:
    """What `PoolTable` is, in memory. A test may look at the records."""

    def __init__(self) -> None:
        self.records: dict[str, PoolRecord] = {}
        self.members: dict[str, list[Member]] = {}
        self.changes = 0

    def look(self, name: str) -> tuple[int, float]:
        record = self.records.get(name, PoolRecord(name))
        return record.generation, record.blocked_until

    def change(self, name: str, step: Step[Any]) -> Any:
        self.changes += 1
        record, members, answer = step(self.records.get(name, PoolRecord(name)), self.members.get(name, []))
        self.records[name], self.members[name] = record, list(members)
        return answer


def run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


def pool(table: MemoryTable, settings: PoolSettings | None = None, name: str = 'fake') -> Pool:
    return Pool(name, settings or PoolSettings(), table, AtOnce(), VirtualClock())


class Refused(Exception):
    status_code = 429

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers


class VirtualProvider:
    """Takes calls if the last minute, at any moment, has no more than `requests` of them and `tokens` of their tokens.

    A call arrives after up to `delay` seconds and is answered after about `latency` more; a refusal comes at once.
    """

    def __init__(
        self,
        requests: float,
        tokens: float = float('inf'),
        latency: float = 1.0,
        delay: float = 0.1,
        says_when: bool = True,
        tells: bool = False,
    ) -> None:
        self.requests, self.tokens, self.says_when, self.tells = requests, tokens, says_when, tells
        self.latency, self.delay, self.random = latency, delay, random.Random(1)
        self.accepted: list[float] = []
        self.refused: list[float] = []
        self.under_way = self.most_under_way = 0
        self._window: collections.deque[tuple[float, float]] = collections.deque()
        self._used = 0.0

    async def call(self, tokens: float = 0.0) -> str:
        await asyncio.sleep(self.random.uniform(0, self.delay))
        now = asyncio.get_running_loop().time()
        while self._window and self._window[0][0] <= now - 60:
            self._used -= self._window.popleft()[1]
        if len(self._window) >= self.requests or self._used + tokens > self.tokens:
            self.refused.append(now)
            raise Refused({'retry-after': f'{self._window[0][0] + 60 - now:.3f}'} if self.says_when else {})
        self._window.append((now, tokens))
        self._used += tokens
        self.accepted.append(now)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(self.latency * self.random.uniform(0.5, 1.5))
        self.under_way -= 1
        left = self.requests - len(self._window)
        headers = {'x-ratelimit-limit-requests': f'{self.requests}', 'x-ratelimit-remaining-requests': f'{left}'}
        report_usage(input_tokens=int(tokens), headers=headers if self.tells else None)
        return 'answer'

    @property
    def refusals(self) -> float:
        """Of the requests, the part that was refused."""
        return len(self.refused) / (len(self.refused) + len(self.accepted))

    @property
    def a_minute(self) -> float:
        """The calls a minute that it took."""
        return (len(self.accepted) - 1) / (self.accepted[-1] - self.accepted[0]) * 60


async def call_all(
    pools: list[Pool], provider: VirtualProvider, rows: int, tokens: float = 0.0, estimate: int = 0
) -> None:
    """All rows through the pools at once, as many processes would; a call that fails for good raises."""

    async def call(pool: Pool) -> None:
        async def turn() -> Any:
            return await pool.run(lambda: provider.call(tokens), estimate)

        await with_retries(turn, Retry(), clock=VirtualClock())

    await asyncio.gather(*(call(pools[row % len(pools)]) for row in range(rows)))
