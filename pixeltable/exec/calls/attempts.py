"""One call with what surrounds it: from the inside out a time limit, a turn in a pool, and retries."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.calls.rows import Argument
from pixeltable.exec.limits.retrying import Attempt, with_retries
from pixeltable.exec.operation import Operation
from pixeltable.exec.timings import Kind
from pixeltable.exec.usage.meter import Measured
from pixeltable.exprs.nodes import Literal
from pixeltable.types.column_type import ColumnType
from pixeltable.udf.calling import direct_calls
from pixeltable.udf.function import Function

ASYNC_CONCURRENCY = 1024
"""How many calls of one `async def` function are awaited at once; a pool may let fewer begin."""

SYNC_CONCURRENCY = 32

Call = Callable[[tuple[Any, ...], Measured], Awaitable[Any]]
"""Begins a call of the function."""


class Attempts:
    """How calls of one function are made in one operation."""

    def __init__(
        self,
        function: Function,
        names: Sequence[str],
        arguments: Sequence[Argument],
        result: ColumnType,
        calls: Calls,
    ) -> None:
        self.function = function
        self.names = names
        self.calls = calls
        self.invoke = function.caller(names)
        constants = {n: a.value for n, a in zip(names, arguments, strict=True) if isinstance(a, Literal)}
        self.pool = calls.services.limits.pool_of(function, constants)
        self._policy = calls.services.limits.retry_of(function, self.pool)
        self.result = result.with_nullable(True)
        self._queued = partial(self._time_of, 'pool')
        self._paused = partial(self._time_of, 'retry')

    @property
    def concurrency(self) -> int:
        """How many calls may be under way at once."""
        if self.pool is not None:  # which lets no more begin than it may
            return self.pool.settings.concurrency or ASYNC_CONCURRENCY
        return ASYNC_CONCURRENCY if self.function.is_async else SYNC_CONCURRENCY

    # What only passes on a coroutine is no coroutine itself: each costs time, and many are under way at once.

    def one(self, arguments: tuple[Any, ...]) -> Awaitable[Any]:
        """The result for one row."""
        return self._guarded(partial(self._call, arguments))

    async def some(self, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The results for a few rows, one after the other."""
        return [await self.one(row) for row in rows]

    async def batch(self, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The results of a batched function for several rows, made in one call."""
        given = tuple(self._batched(index, name, rows) for index, name in enumerate(self.names))
        found = await self._guarded(partial(self._call, given, len(rows)))
        if not hasattr(found, '__len__') or len(found) != len(rows):
            raise TypeError(f'{self.function.name} returned {found!r:.100}, not a list of {len(rows)} results')
        return list(found)

    async def again(self, arguments: tuple[Any, ...], error: BaseException) -> Any:
        """The result for one row whose first attempt failed with `error`, which may pass."""
        failed = [error]

        async def attempt() -> Any:
            if failed:
                raise failed.pop()
            return await self._call(arguments)

        return await self._tried(attempt)

    def _guarded(self, attempt: Attempt) -> Awaitable[Any]:
        if self.pool is not None:  # where each attempt waits for its turn; the time until then is measured
            attempt = partial(self.pool.run, attempt, 0, self.calls.operation.table, self._queued)
        return self._tried(attempt)

    def _tried(self, attempt: Attempt) -> Awaitable[Any]:
        """The result of the first attempt that works; the time between attempts is measured."""
        return with_retries(attempt, self._policy, self._paused)

    def _time_of(self, kind: Kind, seconds: float) -> None:
        self.calls.operation.timings.add(kind, self.function.name, seconds)

    def _call(self, arguments: tuple[Any, ...], rows: int = 1) -> Awaitable[Any]:
        if self.function.options.workers == 'processes':
            return self._elsewhere(arguments, rows)
        return self._limited(arguments, rows, self._here)

    async def _elsewhere(self, arguments: tuple[Any, ...], rows: int) -> Any:
        """A call in another process. Waiting for one, and for its start, is no part of the time that the call takes."""
        processes = self.calls.services.processes
        pickled = processes.pickled(self.function, self.names)
        async with processes.free() as process:
            return await self._limited(arguments, rows, lambda given, _: process.call(pickled, given))

    def _limited(self, arguments: tuple[Any, ...], rows: int, call: Call) -> Awaitable[Any]:
        seconds = self.function.options.timeout
        return self._made(arguments, rows, call) if seconds is None else self._within(seconds, arguments, rows, call)

    async def _within(self, seconds: float, arguments: tuple[Any, ...], rows: int, call: Call) -> Any:
        timer = asyncio.timeout(seconds)
        try:
            async with timer:
                return await self._made(arguments, rows, call)
        except TimeoutError as error:
            if not timer.expired():
                raise
            raise TimeoutError(f'{self.function.name} took longer than {seconds:g} s') from error

    async def _made(self, arguments: tuple[Any, ...], rows: int, call: Call) -> Any:
        """Calls the function, and measures it."""
        function, operation = self.function, self.calls.operation
        measured = operation.meter.measured(function, 1, self.calls.owner)
        if operation.meter.is_limited:
            await measured.reserved()
        with measured:
            try:
                with operation.trace.batch(function.name, rows), direct_calls():
                    return await call(arguments, measured)
            finally:
                operation.timings.add('function', function.name, measured.seconds, rows, 1)

    def _here(self, arguments: tuple[Any, ...], measured: Measured) -> Awaitable[Any]:
        if self.function.is_async:
            awaitable: Awaitable[Any] = self.invoke(*arguments)
            return awaitable
        run = contextvars.copy_context().run
        return self._in_thread(partial(run, _direct, self.invoke, arguments, measured, self.calls.operation))

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        future = self.calls.loop.pool.submit(work)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancel():  # it runs, and may do so for ever
                self.calls.loop.pool.give_up()
            raise

    def _batched(self, index: int, name: str, rows: Sequence[tuple[Any, ...]]) -> Any:
        if self.function.signature.find(name).is_batched:
            return [row[index] for row in rows]
        same = rows[0][index]
        if any(row[index] is not same and row[index] != same for row in rows):
            raise ValueError(f'parameter {name!r} of {self.function.name} must be the same for all rows of a batch')
        return same


def _direct(invoke: Callable[..., Any], arguments: tuple[Any, ...], measured: Measured, operation: Operation) -> Any:
    operation.timings.add('queue', measured.function.name, measured.begins())
    try:
        return invoke(*arguments)
    except StopIteration as error:  # which no future can hold
        raise RuntimeError(f'it raised {error!r}') from error
    finally:
        measured.ends()
