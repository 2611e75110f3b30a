"""Failing calls of the object seam and of the database, one by one: see `faults`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from faults import Faults
from homes import watched
from scenarios import OPERATIONS, quiet
from watching import DONE_UNHEARD, HALF_DONE, IO_ERROR, NO_SPACE, NOT_ALLOWED, Fault, Watcher

KINDS: dict[str, tuple[Fault, ...]] = {
    'open': (NOT_ALLOWED, IO_ERROR, NO_SPACE),
    'read': (IO_ERROR, HALF_DONE),
    'write': (NO_SPACE, IO_ERROR, HALF_DONE, DONE_UNHEARD),
    'fsync': (IO_ERROR, NO_SPACE, DONE_UNHEARD),
    'mkdir': (NOT_ALLOWED, NO_SPACE, DONE_UNHEARD),
    'rename': (IO_ERROR, NOT_ALLOWED, DONE_UNHEARD),
    'unlink': (IO_ERROR, NOT_ALLOWED, DONE_UNHEARD),
    'scandir': (NOT_ALLOWED, IO_ERROR),
}
MOST = max(len(kinds) for kinds in KINDS.values())
MAINTENANCE = ('compaction', 'vacuum')
"""Operations of several commits, each of which leaves the home sound."""


class FailingCalls(Watcher):
    """Lets one call of the disk or of SQLite fail: in each way that `turn` picks for a call with this number."""

    def __init__(self, root: Path, turn: Callable[[int], int]) -> None:
        super().__init__(root)
        self._turn = turn
        self._count = self._number = 0
        self._failed: str | None = None

    def arm(self, number: int) -> None:
        with self.lock:
            self._count, self._number, self._failed = 0, number, None

    def disarm(self) -> str | None:
        with self.lock:
            self._number = 0
            return self._failed

    def before(self, call: str, path: str) -> Fault | None:
        with self.lock:
            self._count += 1
            if self._count != self._number:
                return None
            kinds = KINDS.get(call.rpartition(' ')[2], (IO_ERROR,))
            fault = kinds[self._turn(self._number) % len(kinds)]
            self._failed = f'{call} {path} ({fault.error().strerror}, {fault.when})'
            return fault


@pytest.mark.parametrize('name', OPERATIONS)
def test_each_call_fails(name: str, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """In one way, which differs from call to call."""
    fail(name, tmp_path, lambda number: number, record_property)


@pytest.mark.slow
@pytest.mark.parametrize('turn', range(MOST))
@pytest.mark.parametrize('name', OPERATIONS)
def test_each_call_fails_in_every_way(
    name: str, turn: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    fail(name, tmp_path, lambda _: turn, record_property)


def fail(name: str, tmp_path: Path, turn: Callable[[int], int], record_property: Callable[[str, object], None]) -> None:
    quiet()
    calls = FailingCalls(tmp_path, turn)
    with watched(calls):
        report = Faults(*OPERATIONS[name], tmp_path, may_stop=name in MAINTENANCE).run(calls)
    record_property('summary', f'faults, {name}: {report}')
