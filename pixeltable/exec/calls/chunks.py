"""Plain functions over many rows in processes: in chunks that take about a tenth of a second, a few ahead for each process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from pixeltable.exec.calls.attempts import Attempts
from pixeltable.exec.calls.concurrent import Outcomes
from pixeltable.exec.calls.processes import Processes
from pixeltable.exec.calls.remote import Remote
from pixeltable.exec.calls.threads import watch
from pixeltable.exec.vectors import CellError

CHUNK_SECONDS = 0.1
AHEAD = 2
"""So many chunks for each process are under way, so that none waits for the next."""

Rows = Sequence[tuple[Any, ...]]


class Chunks:
    """The rows of one batch."""

    def __init__(self, attempts: Attempts, processes: Processes, rows: Rows) -> None:
        self._attempts = attempts
        self._processes = processes
        self._rows = rows
        self._next = 0
        self._size = 1
        self._lost: list[range] = []
        self.values: list[Any] = [None] * len(rows)
        self.errors: dict[int, CellError] = {}

    async def run(self) -> Outcomes:
        workers = min(self._processes.count * AHEAD, len(self._rows))
        await asyncio.gather(*(self._work() for _ in range(workers)))
        for chunk in self._lost:
            await self._find(chunk)
        return self.values, self.errors

    async def _work(self) -> None:
        while self._next < len(self._rows):
            chunk = range(self._next, min(self._next + self._size, len(self._rows)))
            self._next = chunk.stop
            found = await self._called(chunk)
            if isinstance(found, Exception):
                self._lost.append(chunk)
                continue
            if found.seconds < CHUNK_SECONDS / 2:
                self._size = max(self._size, len(chunk) * 2)
            elif found.seconds > CHUNK_SECONDS * 2:
                self._size = max(1, len(chunk) // 2)

    async def _find(self, chunk: range) -> None:
        """Of rows that were under way when a process died, one by itself is to blame: halves until it stands alone."""
        found = await self._called(chunk)
        if not isinstance(found, Exception):
            return
        if len(chunk) > 1:
            await self._find(chunk[: len(chunk) // 2])
            await self._find(chunk[len(chunk) // 2 :])
            return
        self._note(chunk, Remote([None], {0: (type(found).__name__, str(found), found)}, 0.0))

    async def _called(self, chunk: range) -> Remote | Exception:
        rows = self._rows[chunk.start : chunk.stop]
        future = self._processes.many(self._attempts.function, self._attempts.names, rows)
        try:
            found = await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancel():
                self._processes.kill()
            raise
        except Exception as error:  # noqa: BLE001  a process that died, or a result that cannot be copied
            return error
        self._note(chunk, found)
        return found

    def _note(self, chunk: range, found: Remote) -> None:
        function, calls, rows = self._attempts.function, self._attempts.calls, len(chunk)
        errors = len(found.errors)
        calls.operation.meter.after(function, rows, found.seconds, found.report, errors=errors, column=calls.column)
        calls.operation.timings.add('function', function.name, found.seconds, rows, rows)
        self.values[chunk.start : chunk.stop] = found.values
        outcomes: list[CellError | None] = [None] * len(chunk)
        for position, (name, message, error) in found.errors.items():
            outcomes[position] = self.errors[chunk.start + position] = CellError(name, message, error)
        self._attempts.calls.advance(len(chunk))
        watch(self._attempts.function, outcomes, self._attempts.calls)
