"""Failing calls of the object seam and of the database, one by one: see `faults`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from faults import CODES, Failed, Faults, look
from homes import opened, watched
from scenarios import MAINTENANCE, OPERATIONS, SCENARIOS, quiet, state
from watching import DONE_UNHEARD, HALF_DONE, IO_ERROR, NO_SPACE, NOT_ALLOWED, Fault, Watcher

import pixeltable as pxt
from pixeltable.errors import ErrorCode

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


class FailingCalls(Watcher):
    """Lets one call of the disk or of SQLite fail.

    A sync fails in every way, as the promises hang on it; another call does so only if `in_every_way`, else in one way, by turns.
    """

    def __init__(self, root: Path, *, in_every_way: bool = False) -> None:
        super().__init__(root)
        self._in_every_way = in_every_way
        self._count = self._number = self._way = 0
        self._failed: Failed | None = None

    def arm(self, number: int, way: int) -> None:
        with self.lock:
            self._count, self._number, self._way, self._failed = 0, number, way, None

    def disarm(self) -> Failed | None:
        with self.lock:
            self._number = 0
            return self._failed

    def before(self, call: str, path: str) -> Fault | None:
        with self.lock:
            self._count += 1
            if self._count != self._number:
                return None
            ways = KINDS.get(call.rpartition(' ')[2], (IO_ERROR,))
            if not self._in_every_way and not call.endswith('fsync'):
                ways = (ways[self._number % len(ways)],)
            way = min(self._way, len(ways) - 1)  # the second time, another call may have this number
            fault = ways[way]
            self._failed = Failed(f'{call} {path} ({fault.error().strerror}, {fault.when})', way == len(ways) - 1)
            return fault


@pytest.mark.parametrize('name', OPERATIONS)
def test_each_call_fails(name: str, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    # With the numbers of ways, 11 has no divisor in common.
    record_property('summary', fail(name, FailingCalls(tmp_path), tmp_path, stride=11))


@pytest.mark.slow
@pytest.mark.parametrize('name', OPERATIONS)
def test_each_call_fails_in_every_way(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property('summary', fail(name, FailingCalls(tmp_path, in_every_way=True), tmp_path, stride=1))


def fail(name: str, calls: FailingCalls, tmp_path: Path, stride: int) -> str:
    quiet()
    with watched(calls):
        report = Faults(*OPERATIONS[name], tmp_path, may_stop=name in MAINTENANCE, stride=stride).run(calls)
    return f'faults, {name}: {report}'


@pytest.mark.parametrize('is_new', [True, False])
def test_each_call_fails_while_a_home_is_opened(is_new: bool, tmp_path: Path) -> None:
    def open_home() -> None:
        with opened(tmp_path / 'home'):
            assert pxt.list_tables() == []

    calls = FailingCalls(tmp_path)
    with watched(calls):
        open_home()
        for number in range(1, 1000):
            if is_new:
                shutil.rmtree(tmp_path / 'home')
            failed = look(calls, (number, 0), open_home, {*CODES, ErrorCode.INVALID_CONFIGURATION})
            open_home()
            if failed is None:
                break
    assert number > 10


def test_each_call_of_a_read_fails(tmp_path: Path) -> None:
    """Rows come back as they were written, or an error does."""
    quiet()
    calls, scenario = FailingCalls(tmp_path), SCENARIOS['update']
    read = partial(state, scenario, 2, may_be_next=False)
    with watched(calls):
        with opened(tmp_path / 'home'):
            scenario.prepare()
            scenario.do(0)
            scenario.do(1)
        for number in range(1, 1000):
            with opened(tmp_path / 'home'):
                failed = look(calls, (number, 0), read)
                read()
            if failed is None:
                break
    assert number > 10
