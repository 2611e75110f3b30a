"""Plain functions over many rows in processes: in chunks that take about a tenth of a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pixeltable.exec.calls.attempts import Attempts
from pixeltable.exec.calls.concurrent import Outcomes, together
from pixeltable.exec.calls.processes import Processes
from pixeltable.exec.calls.remote import Remote
from pixeltable.exec.calls.threads import watch
from pixeltable.exec.vectors import CellError

CHUNK_SECONDS = 0.1

Rows = Sequence[tuple[Any, ...]]


class Chunks:
    """The rows of one batch."""

    def __init__(self, attempts: Attempts, processes: Processes, rows: Rows) -> None:
        self._attempts = attempts
        self._processes = processes
        self._function = processes.pickled(attempts.function, attempts.names)
        self._rows = rows
        self._next = 0
        self._size = 1
        self.values: list[Any] = [None] * len(rows)
        self.errors: dict[int, CellError] = {}

    async def run(self) -> Outcomes:
        await together([self._work() for _ in range(min(self._processes.count, len(self._rows)))])
        return self.values, self.errors

    async def _work(self) -> None:
        while self._next < len(self._rows):
            chunk = range(self._next, min(self._next + self._size, len(self._rows)))
            self._next = chunk.stop
            seconds = await self._called(chunk)
            if seconds < CHUNK_SECONDS / 2:
                self._size = max(self._size, len(chunk) * 2)
            elif seconds > CHUNK_SECONDS * 2:
                self._size = max(1, len(chunk) // 2)

    async def _called(self, chunk: range) -> float:
        """Calls the function for the rows, and says how long that took. Of rows whose process died one is to blame: halves are
        called again until it stands alone."""
        rows = self._rows[chunk.start : chunk.stop]
        try:
            found = await self._processes.many(self._function, rows)
        except Exception as error:  # noqa: BLE001  a process that died, or a result that cannot be copied
            if len(chunk) > 1:
                half = len(chunk) // 2
                return await self._called(chunk[:half]) + await self._called(chunk[half:])
            found = Remote([None], {0: (type(error).__name__, str(error), error)}, 0.0)
        self._note(chunk, found)
        return found.seconds

    def _note(self, chunk: range, found: Remote) -> None:
        function, calls, rows = self._attempts.function, self._attempts.calls, len(chunk)
        errors = len(found.errors)
        calls.operation.meter.after(function, rows, found.seconds, found.report, errors=errors, owner=calls.owner)
        calls.operation.timings.add('function', function.name, found.seconds, rows, rows)
        self.values[chunk.start : chunk.stop] = found.values
        outcomes: list[CellError | None] = [None] * len(chunk)
        for position, (name, message, error) in found.errors.items():
            outcomes[position] = self.errors[chunk.start + position] = CellError(name, message, error)
        self._attempts.calls.advance(len(chunk))
        watch(self._attempts.function, outcomes, self._attempts.calls)
