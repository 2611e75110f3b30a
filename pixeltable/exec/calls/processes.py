"""Processes for Python code that holds the interpreter lock: `@pxt.udf(workers='processes')`.

They are loky's: they start without running the user's script again. Functions travel as cloudpickle makes them, and each process
unpickles each of them once.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from pixeltable._support.forks import in_forked_child
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.calls.remote import Remote, call_many, call_one
from pixeltable.udf.function import Function
from pixeltable.udf.reporting import forward

IDLE_SECONDS = 60
"""Processes that had nothing to do for so long end by themselves."""


class Processes:
    """The processes of a session, started when the first function asks for them."""

    def __init__(self) -> None:
        self.count = max(1, os.cpu_count() or 1)
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._executor: Any = None
        self._pickles: dict[tuple[str, tuple[str, ...]], bytes] = {}

    async def one(self, function: Function, names: Sequence[str], arguments: tuple[Any, ...]) -> Any:
        """The result of one call. A call that is cancelled, as by its time limit, takes the processes with it."""
        future = self._submit(call_one, self._pickled(function, names), arguments)
        try:
            result, report = await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancel():
                self.kill()
            raise
        forward(report)
        return result

    def many(self, function: Function, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Future[Remote]:
        """The results for several rows, one after the other."""
        return self._submit(call_many, self._pickled(function, names), rows)

    def kill(self) -> None:
        """Ends all processes at once; new ones start with the next call."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, kill_workers=True)

    def _submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        from loky.process_executor import BrokenProcessPool, ProcessPoolExecutor, ShutdownExecutorError

        with self._lock:
            if self._executor is None:
                self._executor = ProcessPoolExecutor(self.count, timeout=IDLE_SECONDS)
            executor = self._executor
        try:
            future: Future[Any] = executor.submit(work, *arguments)
        except (BrokenProcessPool, ShutdownExecutorError):  # a process died, or all were ended
            with self._lock:
                self._executor = None if self._executor is executor else self._executor
            return self._submit(work, *arguments)
        return future

    def _pickled(self, function: Function, names: Sequence[str]) -> bytes:
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
