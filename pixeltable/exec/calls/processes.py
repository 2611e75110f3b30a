"""Processes for Python code that holds the interpreter lock: `@pxt.udf(workers='processes')`.

They are loky's: they start without running the user's script again. Functions travel as cloudpickle makes them, and each process
unpickles each of them once. Each has an executor of its own: one that is ended, or dies, takes no call of another with it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pixeltable._support.forks import in_forked_child
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.calls.remote import Remote, call_many, call_one, nothing
from pixeltable.udf.function import Function
from pixeltable.udf.reporting import forward

IDLE_SECONDS = 60
"""Processes that had nothing to do for so long end by themselves."""


class Processes:
    """The processes of a session, each started when there is a call for it. All calls are made on the session's loop."""

    def __init__(self) -> None:
        self.count = max(1, os.cpu_count() or 1)
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._all = [WorkerProcess() for _ in range(self.count)]
        self._free = list(self._all)
        self._turns = asyncio.Semaphore(self.count)
        self._pickles: dict[tuple[str, tuple[str, ...]], bytes] = {}

    @asynccontextmanager
    async def free(self) -> AsyncIterator[WorkerProcess]:
        """A process that runs and has nothing to do, for this caller alone."""
        async with self._turns:
            process = self._free.pop()  # the one that was used last: it has started, and knows the functions
            try:
                await process.start()
                yield process
            finally:
                self._free.append(process)

    async def many(self, pickled: bytes, rows: Sequence[tuple[Any, ...]]) -> Remote:
        """The results of a function for several rows, one after the other."""
        async with self.free() as process:
            found: Remote = await process.do(call_many, pickled, rows)
            return found

    def kill(self) -> None:
        """Ends all processes at once; new ones start with the next call."""
        for process in self._all:
            process.kill()

    def pickled(self, function: Function, names: Sequence[str]) -> bytes:
        """What travels. One that cannot is refused."""
        import cloudpickle

        key = function.key, tuple(names)
        if key not in self._pickles:
            try:
                self._pickles[key] = cloudpickle.dumps(function.caller(names))
            except Exception as error:
                raise RequestError(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    f'{function.name}() cannot run in another process: {error}. It reads something that cannot be copied, such '
                    "as an open connection; create that inside the function, or leave out workers='processes'.",
                ) from error
        return self._pickles[key]


class WorkerProcess:
    """One process, which does one thing at a time."""

    def __init__(self) -> None:
        self._executor: Any = None

    async def start(self) -> None:
        """Waits until the process runs. One that died since its last call costs no row: another starts."""
        from loky.process_executor import BrokenProcessPool

        try:
            await self.do(nothing)
        except BrokenProcessPool:
            await self.do(nothing)

    async def call(self, pickled: bytes, arguments: tuple[Any, ...]) -> Any:
        """The result of one call of a function."""
        result, report = await self.do(call_one, pickled, arguments)
        forward(report)
        return result

    async def do(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """The result of `work` in the process. If it is cancelled, as by a time limit, the process is ended."""
        future = self._submitted(work, arguments)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancel():
                self.kill()
            raise

    def kill(self) -> None:
        """Ends the process at once; another one starts with the next call."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, kill_workers=True)

    def _submitted(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        from loky.process_executor import BrokenProcessPool, ProcessPoolExecutor, ShutdownExecutorError

        if self._executor is not None:
            try:
                return self._executor.submit(work, *arguments)
            except (BrokenProcessPool, ShutdownExecutorError):  # it died in the call before
                pass
        self._executor = ProcessPoolExecutor(1, timeout=IDLE_SECONDS)
        return self._executor.submit(work, *arguments)
