"""Plain synchronous functions, row by row in worker threads, at next to no cost of our own."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.vectors import CellError
from pixeltable.udf.calling import direct_calls
from pixeltable.udf.function import Function
from pixeltable.udf.reporting import collecting

REPORT_SECONDS = 0.1
"""About how often progress is told, and how soon a thread notices that it is to stop."""

WAITING_SECONDS = 0.001
"""A function that takes longer than this, most of it without the processor, is waiting: calls then wait side by side."""

WAITING_THREADS = 32


class Rows:
    """The rows of one batch, their arguments, and what became of them by position."""

    def __init__(self, function: Function, invoke: Callable[..., Any], arguments: Iterator[Any], count: int) -> None:
        self.function = function
        self.invoke = invoke
        self.arguments = arguments
        self.count = count
        self.values: list[Any] = []
        self.errors: dict[int, CellError] = {}

    def call_some(self, some: int) -> None:
        """Calls the function for the next rows. What it raises is the error of its cell, whatever it is."""
        rows = islice(self.arguments, some)
        values, invoke = self.values, self.invoke
        while True:
            try:
                # One try for all rows: entering it for each would cost more than a small function does. The iterator has
                # moved past the failing row when the exception arrives here, so the loop goes on with the next.
                for arguments in rows:
                    values.append(invoke(*arguments))
                return
            except BaseException as error:  # noqa: BLE001  user code; no interrupt arrives in a thread
                self.errors[len(values)] = CellError.of(error)
                values.append(None)


async def in_threads(rows: Rows, calls: Calls) -> None:
    """Calls the function for all rows, and measures it."""
    function, operation = rows.function, calls.operation
    with collecting() as report, direct_calls(), operation.trace.batch(function.name, rows.count):
        seconds = await _in_thread(function, calls, _until_it_waits, rows, calls)
        done = len(rows.values)
        if done < rows.count and not calls.stopped.is_set():
            rows.values += [None] * (rows.count - done)
            numbered = zip(range(done, rows.count), rows.arguments, strict=True)
            threads = min(WAITING_THREADS, rows.count - done)
            work = (_in_thread(function, calls, _side_by_side, rows, numbered, calls) for _ in range(threads))
            seconds += sum(await asyncio.gather(*work))
    errors = len(rows.errors)
    operation.meter.after(function, rows.count, seconds, report, errors=errors, owner=calls.owner)
    operation.timings.add('function', function.name, seconds, rows.count, rows.count)


async def _in_thread(function: Function, calls: Calls, work: Callable[..., None], *arguments: Any) -> float:
    """Runs it in a thread, and says how long it took; what user code sees as its context is that of the operation."""
    ready = time.perf_counter()

    def timed() -> float:
        begun = time.perf_counter()
        calls.operation.timings.add('queue', function.name, begun - ready)
        work(*arguments)
        return time.perf_counter() - begun

    run = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(calls.loop.pool, run, timed)


def _until_it_waits(rows: Rows, calls: Calls) -> None:
    """One row after the other, as pure Python gains nothing from more threads."""
    some = 1
    while len(rows.values) < rows.count and not calls.stopped.is_set():
        before, started, cpu = len(rows.values), time.monotonic(), time.thread_time()
        rows.call_some(some)
        seconds, made = time.monotonic() - started, len(rows.values) - before
        calls.advance(made)
        watch(rows.function, map(rows.errors.get, range(before, len(rows.values))), calls)
        if seconds > WAITING_SECONDS * made and time.thread_time() - cpu < seconds / 10 and before:
            return
        some = some * 2 if seconds < REPORT_SECONDS else max(some // 2, 1)


def _side_by_side(rows: Rows, numbered: Iterator[tuple[int, Any]], calls: Calls) -> None:
    """Takes the next row whenever one is done; threads share `numbered`, whose `next` is one step for the interpreter."""
    for row, arguments in numbered:
        try:
            rows.values[row] = rows.invoke(*arguments)
        except BaseException as error:  # noqa: BLE001  as above
            rows.errors[row] = CellError.of(error)
        calls.advance(1)
        watch(rows.function, [rows.errors.get(row)], calls)
        if calls.stopped.is_set():
            return


def watch(function: Function, outcomes: Iterable[CellError | None], calls: Calls) -> None:
    """Tells the breaker of calls that were made, while it still watches the function."""
    breaker = calls.breaker
    if breaker is None or not breaker.is_watching(function):
        return
    for error in outcomes:
        if error is None:
            breaker.worked(function)
            return
        breaker.failed(function, error)
