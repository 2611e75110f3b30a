"""Puts rows of several batches of an operation together, so that a batched function gets full batches.

Rows wait in one queue for each function. A batch is made when there are enough of them; what is left is made when no more
can come, or has waited for long.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pixeltable.exec.calls.attempts import Attempts
from pixeltable.exec.calls.batch_size import BatchSize
from pixeltable.exec.calls.concurrent import Outcomes, is_cancelled
from pixeltable.exec.calls.ledgered import Row, kept
from pixeltable.exec.calls.threads import watch
from pixeltable.exec.limits.failures import FailureKind, classify
from pixeltable.exec.limits.memory import is_memory, let_go
from pixeltable.exec.loop import piece_number
from pixeltable.exec.vectors import CellError

MAX_WAIT_SECONDS = 0.1
"""Rows of a batch that is not full wait no longer than this for more."""

REFUSED_ALONE = 4
"""After so many rows that a provider refused one by one, and none that it took, batches that it refuses are not divided."""

_OF_CONTENT = {400, 413, 422}
"""Statuses by which a provider may refuse a batch for one row of it, such as an empty text."""

SYNC_BATCHES = 2
"""So many batches of a synchronous function are under way at once: one is prepared while the other computes."""


class Request:
    """The rows of one batch of the operation that wait for the function, and what became of them."""

    def __init__(self, rows: Sequence[Row], keys: Sequence[bytes] | None) -> None:
        self.rows = rows
        self.keys = keys
        self.values: list[Any] = [None] * len(rows)
        self.errors: dict[int, CellError] = {}
        self.missing = len(rows)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class Part:
    """Some neighbouring rows of a request."""

    request: Request
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def finish(self, values: Sequence[Any], error: CellError | None = None) -> None:
        """Notes the results of the rows, or the error of all of them."""
        request = self.request
        request.values[self.start : self.stop] = values
        if error is not None:
            request.errors.update(dict.fromkeys(range(self.start, self.stop), error))
        request.missing -= len(self)
        if request.missing == 0 and not request.done.done():
            request.done.set_result(None)


class Gatherer:
    """The rows that wait for one function. Runs on the event loop."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        # A provider counts requests, and a batch that waits for its turn cannot be measured.
        self._size = BatchSize(attempts.function.batch_size or 1, may_adapt=attempts.pool is None)
        self._most = attempts.concurrency if attempts.function.is_async or attempts.pool else SYNC_BATCHES
        self._queue: deque[Part] = deque()
        self._count = 0
        self._contributed: set[int] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._refused_alone = 0
        attempts.calls.flow.changed.append(self._look)

    async def outcomes(self, rows: Sequence[Row], keys: Sequence[bytes] | None) -> Outcomes:
        """The outcomes of a batch of rows; `keys` are theirs in the ledger."""
        request = Request(rows, keys)
        self._contributed.add(piece_number.get())
        if rows:
            self._queue.append(Part(request, 0, len(rows)))
            self._count += len(rows)
        self._look()
        try:
            if rows:
                await request.done
        except BaseException:
            for task in self._running:
                task.cancel()
            raise
        return request.values, request.errors

    def _look(self, is_late: bool = False) -> None:
        """Starts what can be started."""
        while self._queue and len(self._running) < self._most:
            if self._count < self._size.rows and not (is_late or self._is_all()):
                if self._timer is None:
                    self._timer = asyncio.get_running_loop().call_later(MAX_WAIT_SECONDS, self._late)
                return
            task = asyncio.get_running_loop().create_task(self._run(list(self._taken())))
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _taken(self) -> Iterator[Part]:
        """The next batch."""
        missing = self._size.rows
        while missing and self._queue:
            part = self._queue[0]
            stop = min(part.stop, part.start + missing)
            yield Part(part.request, part.start, stop)
            missing -= stop - part.start
            self._count -= stop - part.start
            part.start = stop
            if not part:
                self._queue.popleft()

    def _is_all(self) -> bool:
        """Whether no more rows can come before those that wait here are done."""
        flow = self._attempts.calls.flow
        is_full = not flow.may_grow and flow.begun <= self._contributed
        return is_full and not (flow.has_more and self._running)  # what runs may be all that a piece waits for

    def _late(self) -> None:
        self._timer = None
        self._look(is_late=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            self._look()

    async def _run(self, parts: Sequence[Part]) -> None:
        try:
            await self._make(parts)
        except BaseException as error:
            for part in parts:
                if not part.request.done.done():
                    part.request.done.set_exception(error)
            if isinstance(error, asyncio.CancelledError):
                raise

    async def _make(self, parts: Sequence[Part]) -> None:
        started = time.perf_counter()
        try:
            values = await self._results(parts)
        except BaseException as error:
            if is_cancelled(error):
                raise
            await self._failed(parts, error)  # user code: whatever it raises is the error of its cells
            return
        self._size.took(len(values), time.perf_counter() - started)
        self._refused_alone = 0
        start = 0
        for part in parts:
            part.finish(values[start : start + len(part)])
            start += len(part)
        self._attempts.calls.advance(len(values))
        watch(self._attempts.function, [None], self._attempts.calls)

    async def _results(self, parts: Sequence[Part]) -> list[Any]:
        rows = [row for part in parts for row in part.request.rows[part.start : part.stop]]
        if parts[0].request.keys is None:
            return await self._attempts.batch(rows)
        keys = [key for part in parts for key in (part.request.keys or ())[part.start : part.stop]]
        distinct = dict(zip(keys, rows, strict=True))  # two batches of the operation may ask for the same
        ledger, made = self._attempts.calls.services.ledger, self._attempts.batch
        values = await kept(list(distinct.values()), list(distinct), ledger, self._attempts.result, made)
        found = dict(zip(distinct, values, strict=True))
        return [found[key] for key in keys]

    async def _failed(self, parts: Sequence[Part], error: BaseException) -> None:
        """One bad row must not take the others with it: halves until it stands alone."""
        count = sum(map(len, parts))
        if is_memory(error) and count > 1:
            self._size.was_too_much(count)
            let_go(error)
        failure = classify(error)
        is_refused = failure.status in _OF_CONTENT
        self._refused_alone += is_refused and count == 1
        may_be_one = failure.kind is FailureKind.PROGRAMMING or (is_refused and self._refused_alone < REFUSED_ALONE)
        if count > 1 and (is_memory(error) or may_be_one):
            first, second = _halves(parts, count // 2)
            await self._make(first)
            await self._make(second)
            return
        cell = CellError.of(error)
        for part in parts:
            part.finish([None] * len(part), cell)
        self._attempts.calls.advance(count)
        watch(self._attempts.function, [cell], self._attempts.calls)


def _halves(parts: Sequence[Part], count: int) -> tuple[list[Part], list[Part]]:
    """The first `count` rows, and the others."""
    first, second = list[Part](), list[Part]()
    for part in parts:
        middle = part.start + min(count, len(part))
        count -= middle - part.start
        first += [Part(part.request, part.start, middle)] if middle > part.start else []
        second += [Part(part.request, middle, part.stop)] if part.stop > middle else []
    return first, second
