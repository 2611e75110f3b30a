"""Calls a user function for the rows of a batch: one by one, in batches, or concurrently for `async def`.

NULL in a parameter that is not nullable gives NULL without a call, and so does an error in an argument. A call that raises makes
an error of its cell and does not disturb the others.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import islice, repeat
from typing import Any

from pixeltable.exec.loop import LoopThread
from pixeltable.exec.operation import Operation
from pixeltable.exec.progress import Advance, unseen
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs.nodes import Literal
from pixeltable.udf.calling import direct_calls
from pixeltable.udf.function import Function
from pixeltable.udf.reporting import collecting

ASYNC_CONCURRENCY = 1024
"""How many calls of one `async def` function are awaited at once."""

REPORT_SECONDS = 0.1
"""About how often the progress of a synchronous function is told."""

Argument = Vector | Literal


async def call(
    function: Function,
    names: Sequence[str],
    arguments: Sequence[Argument],
    rows: int,
    pool: Executor,
    advance: Advance = unseen,
    operation: Operation | None = None,
    column: str = '',
) -> Vector:
    """The results of `function` for each row; `arguments` belong to `names`, the operation's counts to `column`."""
    result = Vector([None] * rows)
    operation = operation or Operation('call')
    called = _rows_to_call(function, names, arguments, rows, result)
    advance(rows - len(called))
    if function.batch_size is not None:
        await _in_batches(function, names, arguments, called, result, pool, advance, operation, column)
        return result
    calls = _argument_rows(arguments, called)
    invoke = function.caller(names)
    started, before = time.perf_counter(), len(result.errors)
    if operation.meter.is_limited or function.is_async:
        invoke = _metered(function, invoke, operation, column, pool)
    if function.is_async or operation.meter.is_limited:
        await _concurrently(invoke, calls, called, result, advance)
    else:
        loop = asyncio.get_running_loop()
        with collecting() as report:
            context = contextvars.copy_context()
            work = partial(context.run, _one_by_one, invoke, calls, called, result, advance, operation, function)
            await loop.run_in_executor(pool, work)
        errors = len(result.errors) - before
        seconds = time.perf_counter() - started
        operation.meter.after(function, len(called), seconds, report, errors=errors, column=column)
        operation.timings.add('function', function.name, seconds, len(called), len(called))
    operation.progress.errors(len(result.errors) - before)
    return result


def _metered(
    function: Function, invoke: Callable[..., Any], operation: Operation, column: str, pool: Executor
) -> Callable[..., Any]:
    """The call of an `async def`, measured one by one."""

    async def call(*arguments: Any) -> Any:
        async with operation.meter.measured(function, 1, column):
            started = time.perf_counter()
            with operation.trace.batch(function.name, 1):
                if function.is_async:
                    result = await invoke(*arguments)
                else:
                    work = partial(contextvars.copy_context().run, invoke, *arguments)
                    result = await asyncio.get_running_loop().run_in_executor(pool, work)
            operation.timings.add('function', function.name, time.perf_counter() - started, 1, 1)
            return result

    return call


def _rows_to_call(
    function: Function, names: Sequence[str], arguments: Sequence[Argument], rows: int, result: Vector
) -> Sequence[int]:
    """The rows that need a call; for the others, `result` already holds what there is."""
    skipped: set[int] = set()
    for name, argument in zip(names, arguments, strict=True):
        parameter = function.signature.find(name)
        nullable = parameter.type is None or parameter.type.nullable
        if isinstance(argument, Literal):
            if argument.value is None and not nullable:
                return ()
            continue
        result.errors.update(argument.errors)
        skipped.update(argument.errors)
        if not nullable:
            skipped.update(row for row, value in enumerate(argument.values) if value is None)
    return range(rows) if not skipped else [row for row in range(rows) if row not in skipped]


def _argument_rows(arguments: Sequence[Argument], called: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    columns: list[Iterable[Any]] = []
    for argument in arguments:
        if isinstance(argument, Literal):
            columns.append(repeat(argument.value, len(called)))
        elif isinstance(called, range):
            columns.append(argument.values)
        else:
            columns.append([argument.values[row] for row in called])
    return zip(*columns, strict=True) if columns else iter([()] * len(called))


def _one_by_one(
    invoke: Callable[..., Any],
    calls: Iterator[tuple[Any, ...]],
    called: Sequence[int],
    result: Vector,
    advance: Advance,
    operation: Operation,
    function: Function,
) -> None:
    values: list[Any] = []
    with direct_calls(), operation.trace.batch(function.name, len(called)):
        some = 1
        while len(values) < len(called):
            before, started = len(values), time.monotonic()
            _call_all(invoke, islice(calls, some), called, values, result)
            advance(len(values) - before)
            some = some * 2 if time.monotonic() - started < REPORT_SECONDS else max(some // 2, 1)
    _scatter(values, called, result)


def _call_all(
    invoke: Callable[..., Any],
    calls: Iterator[tuple[Any, ...]],
    called: Sequence[int],
    values: list[Any],
    result: Vector,
) -> None:
    while True:
        try:
            # One try for all rows: entering it for each would cost more than a small function does. The iterator has moved
            # past the failing row when the exception arrives here, so the loop goes on with the next.
            for arguments in calls:
                values.append(invoke(*arguments))
            return
        except Exception as error:  # noqa: BLE001  user code: whatever it raises is the cell's error
            result.errors[called[len(values)]] = CellError.of(error)
            values.append(None)


def _scatter(values: list[Any], called: Sequence[int], result: Vector) -> None:
    if isinstance(called, range):
        result.values = values
        return
    filled = list(result.values)
    for row, value in zip(called, values, strict=True):
        filled[row] = value
    result.values = filled


async def _concurrently(
    invoke: Callable[..., Any],
    calls: Iterator[tuple[Any, ...]],
    called: Sequence[int],
    result: Vector,
    advance: Advance,
) -> None:
    values: list[Any] = [None] * len(called)
    numbered = enumerate(calls)

    async def worker() -> None:
        for index, arguments in numbered:
            try:
                values[index] = await invoke(*arguments)
            except Exception as error:  # noqa: BLE001  user code: whatever it raises is the cell's error
                result.errors[called[index]] = CellError.of(error)
            advance(1)

    with direct_calls():
        await asyncio.gather(*(worker() for _ in range(min(ASYNC_CONCURRENCY, len(called)))))
    _scatter(values, called, result)


async def _in_batches(
    function: Function,
    names: Sequence[str],
    arguments: Sequence[Argument],
    called: Sequence[int],
    result: Vector,
    pool: Executor,
    advance: Advance,
    operation: Operation,
    column: str,
) -> None:
    values = list(result.values)
    loop = asyncio.get_running_loop()

    async def invoke(rows: Sequence[int]) -> Sequence[Any]:
        given = {
            name: _batched(function, name, argument, rows) for name, argument in zip(names, arguments, strict=True)
        }
        started = time.perf_counter()
        async with operation.meter.measured(function, 1, column):
            if function.is_async:
                found = await _awaited(function, given)
            else:
                work = partial(contextvars.copy_context().run, _direct, function, given)
                found = await loop.run_in_executor(pool, work)
        operation.timings.add('function', function.name, time.perf_counter() - started, len(rows), 1)
        if not hasattr(found, '__len__') or len(found) != len(rows):
            raise TypeError(f'{function.name} returned {found!r:.100}, not a list of {len(rows)} results')
        return list(found)

    async def batch(rows: Sequence[int]) -> None:
        try:
            for row, value in zip(rows, await invoke(rows), strict=True):
                values[row] = value
            advance(len(rows))
        except Exception as error:  # noqa: BLE001  user code: whatever it raises is the cell's error
            if len(rows) == 1:
                result.errors[rows[0]] = CellError.of(error)
                advance(1)
                return
            # One bad row must not take the others with it: halve until it stands alone.
            await batch(rows[: len(rows) // 2])
            await batch(rows[len(rows) // 2 :])

    size = function.batch_size or 1
    batches = [called[start : start + size] for start in range(0, len(called), size)]
    if function.is_async:
        await asyncio.gather(*(batch(rows) for rows in batches))
    else:
        for rows in batches:
            await batch(rows)
    result.values = values


def call_once(function: Function, given: Mapping[str, Any], loop: LoopThread) -> Any:
    """The result of one call with these values; whatever it raises. Made in this thread, unless it is `async def`."""
    arguments = {name: [value] if function.signature.find(name).is_batched else value for name, value in given.items()}
    result = loop.run(_awaited(function, arguments)) if function.is_async else _direct(function, arguments)
    return result[0] if function.batch_size is not None else result


async def _awaited(function: Function, given: dict[str, Any]) -> Any:
    with direct_calls():
        return await function.py_fn(**given)


def _direct(function: Function, given: dict[str, Any]) -> Any:
    with direct_calls():
        return function.py_fn(**given)


def _batched(function: Function, name: str, argument: Argument, rows: Sequence[int]) -> Any:
    is_batched = function.signature.find(name).is_batched
    if isinstance(argument, Literal):
        return [argument.value] * len(rows) if is_batched else argument.value
    if is_batched:
        return [argument.values[row] for row in rows]
    distinct = argument.values[rows[0]]
    if any(argument.values[row] != distinct for row in rows):
        raise ValueError(f'parameter {name!r} of {function.name} must be the same for all rows of a batch')
    return distinct
