"""Calls a function for the rows of a batch. A call that raises makes an error of its cell and does not disturb the others."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from pixeltable.errors import Error, ErrorCode, InternalError
from pixeltable.exec.calls.attempts import Attempts
from pixeltable.exec.calls.chunks import Chunks
from pixeltable.exec.calls.concurrent import Outcomes, concurrently, together
from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.calls.gathering import Gatherer
from pixeltable.exec.calls.ledgered import Row, kept
from pixeltable.exec.calls.rows import Argument, argument_rows, rows_to_call, scatter
from pixeltable.exec.calls.threads import Rows, in_threads
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.limits.failures import classify
from pixeltable.exec.media.arguments import MediaArguments
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs import build
from pixeltable.exprs.nodes import Literal
from pixeltable.types.column_type import ColumnType
from pixeltable.udf.calling import direct_calls
from pixeltable.udf.function import Function


async def call(
    function: Function,
    names: Sequence[str],
    arguments: Sequence[Argument],
    rows: int,
    type_: ColumnType,
    calls: Calls,
    media: MediaArguments | None = None,
) -> Vector:
    """The results of `function`, which are of type `type_`, for each row; `arguments` belong to `names`.

    `media` loads those arguments that are media; None if there are none.
    """
    result = Vector([None] * rows)
    called = rows_to_call(function, names, arguments, rows, result)
    if media is not None and not calls.keeps(function):  # whose key says which file it is, before the file is read
        arguments = await media.loaded(arguments, called)
        called = rows_to_call(function, names, arguments, rows, result)
    calls.advance(rows - len(called))
    attempts = Attempts(function, names, arguments, type_, calls)
    try:
        if _is_plain(attempts):
            values, errors = await _plain(attempts, arguments, called)
        else:
            values, errors = await _managed(attempts, arguments, called, media)
    except BaseException:
        calls.stopped.set()  # threads cannot be cancelled
        raise
    calls.operation.progress.errors(len(errors))
    scatter(values, called, result)
    result.errors.update({called[position]: error for position, error in errors.items()})
    return result


def _is_plain(attempts: Attempts) -> bool:
    """Whether nothing but a loop in a thread is needed: most functions, and those whose calls are counted in microseconds."""
    function, is_limited = attempts.function, attempts.calls.operation.meter.is_limited
    return not (
        function.is_async or function.batch_size is not None or is_limited or _is_surrounded(function, attempts.calls)
    )


def _is_surrounded(function: Function, calls: Calls) -> bool:
    options = function.options
    return bool(calls.keeps(function) or options.timeout or function.has_pool or options.workers == 'processes')


async def _plain(attempts: Attempts, arguments: Sequence[Argument], called: Sequence[int]) -> Outcomes:
    rows = Rows(attempts.function, attempts.invoke, argument_rows(arguments, called), len(called))
    await in_threads(rows, attempts.calls)
    passing = {p: e for p, e in rows.errors.items() if e.exception is not None and classify(e.exception).may_pass}
    if passing:
        given = list(argument_rows(arguments, called))
        await together([_again(attempts, rows, position, given[position]) for position in passing])
    return rows.values, rows.errors


async def _again(attempts: Attempts, rows: Rows, position: int, arguments: tuple[Any, ...]) -> None:
    """Tries a row again whose error may pass."""
    before = rows.errors[position].exception
    try:
        rows.values[position] = await attempts.again(arguments, before or Exception())
        del rows.errors[position]
    except Exception as error:  # noqa: BLE001  user code: whatever it raises is the cell's error
        rows.errors[position] = CellError.of(error)


async def _managed(
    attempts: Attempts, arguments: Sequence[Argument], called: Sequence[int], media: MediaArguments | None
) -> Outcomes:
    function, services = attempts.function, attempts.calls.services
    rows = list(argument_rows(arguments, called))
    same = tuple(argument.key if isinstance(argument, Literal) else None for argument in arguments)
    if attempts.calls.keeps(function):
        return await _from_ledger(attempts, rows, arguments, called, same, media)
    is_alone = function.options.timeout or function.batch_size or attempts.pool
    if function.options.workers == 'processes' and not is_alone and not attempts.calls.operation.meter.is_limited:
        return await Chunks(attempts, services.processes, rows).run()
    return await _made(attempts, rows, None, same)


async def _from_ledger(
    attempts: Attempts,
    rows: Sequence[Row],
    arguments: Sequence[Argument],
    called: Sequence[int],
    same: Hashable,
    media: MediaArguments | None,
) -> Outcomes:
    """What the ledger has, and the outcomes of the other calls; equal ones are one call, unless their results may differ."""
    ledger = attempts.calls.services.ledger
    started = time.perf_counter()
    keys, bad = await asyncio.get_running_loop().run_in_executor(
        attempts.calls.loop.pool, _keys, ledger, attempts, arguments, called
    )
    if not attempts.function.is_deterministic:
        keys = [None if key is None else attempts.calls.occurrences.next(key) for key in keys]
    distinct = {key: row for key, row in zip(keys, rows, strict=True) if key is not None}
    known: dict[bytes | None, Any] = {None: None}
    known.update((await ledger.find(list(distinct), attempts.result)).items())
    attempts.calls.operation.timings.add('ledger', attempts.function.name, time.perf_counter() - started)
    missing = [key for key in distinct if key not in known]
    _found(attempts, len(rows) - len(missing))
    if media is not None and missing:
        loaded, unread = await media.rows([distinct[key] for key in missing])
        distinct |= dict(zip(missing, loaded, strict=True))
        errors = {missing[number]: error for number, error in unread.items()}
        bad |= {place: errors[key] for place, key in enumerate(keys) if key in errors}
        known |= dict.fromkeys(errors)
        missing = [key for key in missing if key not in errors]
    made, failed = await _made(attempts, [distinct[key] for key in missing], missing, same)
    known.update(zip(missing, made, strict=True))
    errors = {missing[number]: error for number, error in failed.items()}
    return [known[key] for key in keys], bad | {row: errors[key] for row, key in enumerate(keys) if key in errors}


def _keys(
    ledger: Ledger, attempts: Attempts, arguments: Sequence[Argument], called: Sequence[int]
) -> tuple[list[bytes | None], dict[int, CellError]]:
    """The keys of the calls in the ledger, and by position why some have none: a file that cannot be read, for one."""
    try:
        return list(ledger.keys(attempts.function, attempts.names, arguments, called)), {}
    except Error:
        keys: list[bytes | None] = []
        errors: dict[int, CellError] = {}
        for position, row in enumerate(called):
            try:
                keys += ledger.keys(attempts.function, attempts.names, arguments, [row])
            except Error as error:
                errors[position] = CellError.of(error)
                keys.append(None)
        return keys, errors


def _unkept(attempts: Attempts) -> contextlib.AbstractAsyncContextManager[None]:
    """Entered round a call until its result is kept: a crash costs no more calls than its pool lets be under way."""
    if attempts.pool is None or attempts.pool.settings.concurrency is None:
        return contextlib.nullcontext()
    return attempts.calls.unkept.setdefault(attempts.pool.name, asyncio.Semaphore(attempts.concurrency))


def _found(attempts: Attempts, calls: int) -> None:
    """Counts calls that need not be made."""
    operation = attempts.calls.operation
    operation.meter.hits(attempts.function, calls, attempts.calls.owner)
    if attempts.calls.is_counted:
        operation.progress.hits(calls)


async def _made(attempts: Attempts, rows: Sequence[Row], keys: Sequence[bytes] | None, same: Hashable) -> Outcomes:
    """The outcomes of calls that have to be made. `keys` are theirs in the ledger, `same` what all of them are given."""
    function, gatherers, ledger = attempts.function, attempts.calls.gatherers, attempts.calls.services.ledger
    if function.batch_size is not None:
        key = function.key, tuple(attempts.names), attempts.calls.owner, same
        if key not in gatherers:
            gatherers[key] = Gatherer(attempts)
        return await gatherers[key].outcomes(rows, keys)

    async def make(number: int) -> Any:
        if keys is None:
            return await attempts.one(rows[number])
        async with _unkept(attempts):
            return (await kept([rows[number]], [keys[number]], ledger, attempts.result, attempts.some))[0]

    return await concurrently(attempts, len(rows), make)


def call_once(function: Function, given: Mapping[str, Any], calls: Calls) -> Any:
    """The result of one call with these values; whatever it raises. A plain call is made in this thread."""
    if function.is_async or _is_surrounded(function, calls):
        arguments = [build.literal(value) for value in given.values()]
        type_ = function.result_type(dict(zip(given, arguments, strict=True)))
        vector = calls.loop.run(call(function, tuple(given), arguments, 1, type_, calls))
        if vector.errors:
            raise vector.errors[0].exception or InternalError(ErrorCode.INTERNAL_ERROR, vector.errors[0].errormsg)
        return vector.values[0]
    named = {name: [value] if function.signature.find(name).is_batched else value for name, value in given.items()}
    with direct_calls():
        result = function.py_fn(**named)
    return result[0] if function.batch_size is not None else result
