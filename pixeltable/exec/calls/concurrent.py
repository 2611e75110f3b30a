"""Calls for one row each, many under way at once: `async def` functions, and those that more than a loop surrounds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pixeltable.exec.calls.attempts import Attempts
from pixeltable.exec.calls.threads import watch
from pixeltable.exec.cancelling import Cancelled
from pixeltable.exec.usage.budget import BudgetExceeded
from pixeltable.exec.vectors import CellError
from pixeltable.udf.calling import direct_calls

Outcomes = tuple[Sequence[Any], dict[int, CellError]]
"""Results by position, and the errors of those that failed."""


async def concurrently(attempts: Attempts, count: int, make: Callable[[int], Awaitable[Any]]) -> Outcomes:
    """The outcomes of `make` for the numbers up to `count`."""
    values: list[Any] = [None] * count
    errors: dict[int, CellError] = {}
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            error = None
            try:
                values[number] = await make(number)
            except BaseException as raised:
                if is_cancelled(raised):
                    raise
                error = errors[number] = CellError.of(raised)  # user code: whatever it raises is the cell's error
            attempts.calls.advance(1)
            watch(attempts.function, [error], attempts.calls)

    with direct_calls():
        await together([worker() for _ in range(min(attempts.concurrency, count))])
    return values, errors


async def together(work: Sequence[Awaitable[None]]) -> None:
    """Waits for all of it; the first failure ends the rest, and is raised when that has ended."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def is_cancelled(error: BaseException) -> bool:
    """Whether the operation is being given up, and not user code that raises what it likes."""
    if isinstance(error, BudgetExceeded | Cancelled):
        return True
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError | GeneratorExit) and (task is None or task.cancelling() > 0)
