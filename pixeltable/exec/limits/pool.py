"""A resource pool: the calls to one provider, or to one of its models, which together have a limit.

A call waits for its turn, and when it is over the pool learns from its headers, its tokens and its error. One task a pool, which
lives while there are calls, talks with the other processes on the catalog and gives out turns. A pool belongs to one event loop
at a time.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Executor
from itertools import islice
from typing import Any

from pixeltable._support.processes import this_process
from pixeltable.catalog.work.pools import Member, PoolTable, Step
from pixeltable.config.limits import PoolSettings
from pixeltable.errors import ErrorCode, ExternalServiceError
from pixeltable.exec.limits import shared
from pixeltable.exec.limits.clock import Clock
from pixeltable.exec.limits.failures import FailureKind, classify
from pixeltable.exec.limits.outcomes import note_failure, note_success
from pixeltable.exec.limits.pacing import Permit
from pixeltable.exec.limits.retrying import Attempt, Trying, trying
from pixeltable.exec.limits.turns import Turns
from pixeltable.exec.limits.waiting import Queue, Waiter
from pixeltable.udf.reporting import collecting
from pixeltable.udf.retry import Retry

LINGER_S = 1.0
"""How long a pool without calls stays, so that one call after the other need not begin anew each time."""

AHEAD_S = 1.0
"""Permits are taken for about as long as this, or for four times as long as taking them lasts."""
MOST_AHEAD_S = 5.0

MOST_PERMITS = 1000

PATIENCE_S = Retry().max_seconds
"""How long a call that is not tried again may have to wait for a provider that takes no calls."""

_log = logging.getLogger('pixeltable')


class Pool:
    """The calls of this process to one provider."""

    def __init__(
        self,
        name: str,
        settings: PoolSettings,
        table: PoolTable,
        executor: Executor,
        clock: Clock = Clock(),  # noqa: B008  it is frozen
    ) -> None:
        self.name = name
        self.settings = settings
        self._table = table
        self._executor = executor
        self._clock = clock
        process = this_process()
        self._me = Member(uuid.uuid4().hex, process.place, process.pid, process.started)
        self._turns = Turns()
        self._queue = Queue()
        self._ahead = AHEAD_S
        self._server: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def run(
        self, attempt: Attempt, tokens: int = 0, owner: str = '', waited: Callable[[float], None] | None = None
    ) -> Any:
        """The result of `attempt`, which begins when it is its turn.

        Args:
            attempt: one try of a call.
            tokens: what it will use, if that is known; otherwise the mean of what calls reported is taken.
            owner: owners take turns, whatever number of calls each has waiting.
            waited: is told for how many seconds it waited.

        Raises:
            ExternalServiceError: RATE_LIMITED if the provider takes no calls for longer than the retry policy would wait.
        """
        call, arrived = trying(), self._clock.now()
        permit = await self._turn(tokens or None, owner, call, arrived)
        begun = self._clock.now()
        if waited is not None:
            waited(begun - arrived)
        if call is not None:
            call.queued += begun - arrived
            call.is_remote = True
        with collecting() as report:
            try:
                result = await attempt()
            except Exception as error:
                failure = classify(error)
                note_failure(self._turns.news, failure, report, permit, begun)
                if failure.kind is FailureKind.RATE_LIMITED:
                    self._turns.block(self._clock.now() + (failure.retry_after or 0.0))
                raise
            else:
                note_success(self._turns.news, report, tokens, permit, begun)
                self._turns.found(begun)
            finally:
                self._ended()
        return result

    def stop(self) -> None:
        """Ends the task that gives out turns. Any thread may call it."""
        server, self._server = self._server, None
        if server is not None and not server.get_loop().is_closed():
            server.get_loop().call_soon_threadsafe(server.cancel)

    def leave(self) -> None:
        """Tells the other processes that this one makes no more calls. Blocks; the pool must have been stopped."""
        if self._turns.is_member:
            self._table.change(self.name, self._step_of(self._news(is_leaving=True)))
            self._turns.is_member = False

    async def _turn(self, tokens: float | None, owner: str, call: Trying | None, now: float) -> Permit:
        permit = self._turns.next_permit(now) if not self._queue else None
        if permit is not None:
            self._turns.under_way += 1
            return permit
        patience = PATIENCE_S if call is None else call.policy.max_seconds
        waiter = Waiter(owner, tokens, patience, asyncio.get_running_loop().create_future())
        self._queue.add(waiter)
        self._serve()
        try:
            return await waiter.turn
        except asyncio.CancelledError:
            self._queue.remove(waiter)
            if waiter.turn.done() and not waiter.turn.cancelled() and waiter.turn.exception() is None:
                self._turns.give_back(waiter.turn.result())
                self._ended()
            raise

    def _ended(self) -> None:
        """After a call: the next may begin at once, without the task that gives out turns."""
        self._turns.under_way -= 1
        self._give_turns()
        if self._queue or not self._turns.under_way or self._turns.is_in_a_hurry:
            self._changed.set()

    def _give_turns(self) -> None:
        while self._queue.has_next():
            permit = self._turns.next_permit(self._clock.now())
            if permit is None:
                return
            self._turns.under_way += 1
            self._queue.take().turn.set_result(permit)

    def _serve(self) -> None:
        """Starts the task that gives out turns, or wakes it."""
        if self._server is None or self._server.done():
            self._changed = asyncio.Event()
            self._server = asyncio.get_running_loop().create_task(self._serving(), name=f'pixeltable-pool-{self.name}')
        self._changed.set()

    async def _serving(self) -> None:
        try:
            while self._queue:
                await self._serve_all()
                self._turns.hurry()  # a call that comes now waits until it is clear whether the pool stays
                await self._talk(is_leaving=True)
        except BaseException as error:
            waiters = list(self._queue)
            self._queue = Queue()
            for waiter in waiters:
                waiter.end(error)
            if not isinstance(error, Exception):
                raise
            if not waiters:
                _log.warning('The resource pool %r could not be kept up to date: %s', self.name, error)

    async def _serve_all(self) -> None:
        """Gives out turns until no call has been there for a while."""
        while True:
            self._changed.clear()
            now = self._clock.now()
            if not self._queue and not self._turns.under_way:
                if not await self._clock.wait(self._changed, LINGER_S):
                    return
            elif self._turns.is_due(now, len(self._queue)):
                await self._talk()
            elif self._queue and self._turns.must_look(now):
                seen = await asyncio.get_running_loop().run_in_executor(self._executor, self._table.look, self.name)
                self._turns.looked(*seen, self._clock.now())
            else:
                self._give_turns()
                await self._clock.wait(self._changed, self._next_event(now) - now)

    def _next_event(self, now: float) -> float:
        """When something is to be done next, if no call comes and none ends."""
        turns = self._turns
        until = turns.told_until(now, len(self._queue))
        if not self._queue or turns.is_full:
            return until
        if now < turns.blocked_until:
            return min(until, turns.blocked_until)
        return min(until, turns.permits[0].at) if turns.permits else until

    async def _talk(self, is_leaving: bool = False) -> None:
        """Tells the other processes what has happened here, and hears what may be done."""
        began, news = self._clock.now(), self._news(is_leaving)
        loop = asyncio.get_running_loop()
        grant = await loop.run_in_executor(self._executor, self._table.change, self.name, self._step_of(news))
        now = self._clock.now()
        self._ahead = min(max(AHEAD_S, 4 * (now - began)), MOST_AHEAD_S)
        self._turns.told(grant, news, now)
        self._send_away(self._turns.blocked_until - now)

    def _news(self, is_leaving: bool) -> shared.News:
        """What is to be told now, and what is wanted."""
        turns = self._turns
        news, turns.news = turns.news, shared.News()
        news.generation, news.under_way, news.is_leaving = turns.grant.generation, turns.under_way, is_leaving
        # More than now, so that not each further call has to be asked for.
        news.wanted = 2 * (turns.under_way + len(self._queue)) + 8
        news.ahead = self._ahead
        if is_leaving:
            news.unused += len(turns.permits)
            news.excess -= sum(permit.tokens for permit in turns.permits)
            turns.permits.clear()
        missing = min(max(turns.permits_missing(len(self._queue)), 0), MOST_PERMITS)
        news.tokens = [waiter.tokens for waiter in islice(self._queue, missing)]
        return news

    def _step_of(self, news: shared.News) -> Step[shared.Grant]:
        clock = self._clock
        return lambda record, members: shared.step(record, members, self._me, news, self.settings, clock.now())

    def _send_away(self, seconds: float) -> None:
        """Refuses those who would not wait as long as the provider wants the pool to."""
        impatient = [waiter for waiter in self._queue if waiter.patience < seconds] if seconds > 0 else []
        for waiter in impatient:
            self._queue.remove(waiter)
            waiter.end(
                ExternalServiceError(
                    ErrorCode.RATE_LIMITED,
                    f'The provider of resource pool {self.name!r} takes no calls for {seconds:.0f} seconds, and the retry '
                    f'policy waits for {waiter.patience:g} at most (max_seconds). Try again later.',
                    retry_after=seconds,
                )
            )
