"""Failing calls of the object seam and of the database, one by one: see `faults`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from faults import CODES, Failed, Faults
from homes import opened, watched
from scenarios import OPERATIONS, SCENARIOS, quiet, state
from watching import DONE_UNHEARD, HALF_DONE, IO_ERROR, NO_SPACE, NOT_ALLOWED, Fault, Watcher

import pixeltable as pxt
from pixeltable.errors import Error, ErrorCode

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
MAINTENANCE = ('compaction', 'vacuum', 'purge')
"""Operations of several commits, each of which leaves the home sound."""


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
    record_property('summary', fail(name, FailingCalls(tmp_path), tmp_path, stride=9))


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


def test_each_call_fails_while_a_home_is_opened(tmp_path: Path) -> None:
    """A home that is created, or is there; what is refused changes nothing, and the next attempt works."""
    calls = FailingCalls(tmp_path)
    with watched(calls):
        for number in range(1, 1000):
            if number % 2:
                shutil.rmtree(tmp_path / 'home', ignore_errors=True)
            calls.arm(number, 0)
            try:
                with opened(tmp_path / 'home'):
                    assert pxt.list_tables() == []
            except Error as error:
                assert error.error_code in {*CODES, ErrorCode.INVALID_CONFIGURATION}
                assert calls.disarm() is not None
            was_last = calls.disarm() is None
            with opened(tmp_path / 'home'):
                assert pxt.list_tables() == []
            if was_last and number % 2:
                break


def test_each_call_of_a_read_fails(tmp_path: Path) -> None:
    """Rows come back as they were written, or an error does."""
    calls, scenario = FailingCalls(tmp_path), SCENARIOS['update']
    quiet()
    with watched(calls):
        with opened(tmp_path / 'home'):
            scenario.prepare()
            scenario.do(1)
        for number in range(1, 1000):
            with opened(tmp_path / 'home'):
                calls.arm(number, 0)
                try:
                    state(scenario, 0, may_be_next=True)
                except Error as error:
                    assert error.error_code in CODES
                    assert calls.disarm() is not None
                if calls.disarm() is None:
                    break
                state(scenario, 0, may_be_next=True)
