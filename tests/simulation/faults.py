"""Lets the Nth call of an operation fail, for every N until it succeeds, and looks at what is left each time.

`calls` is any source of calls: it is armed with a number, and says afterwards whether the call with that number came, and failed.
After each failure

- the error is one of ours, and says that a service is not available (never a foreign one, and never silence about lost work);
- if it was raised, nothing has changed, unless it says in words that this is not known; if none was, everything has;
- the same operation works on the same home when it is repeated: the next N is tried on what this one left.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from homes import check, check_next, opened
from scenarios import Inserts, state

from pixeltable.catalog.driver import OutcomeUnknownError
from pixeltable.errors import Error, ErrorCode
from pixeltable.session import Session

OpenHome = Callable[[Path], AbstractContextManager[Session]]

Trial = tuple[int, int]
"""Which call is to fail, and in which of the ways that it can."""

DONE = ('succeeded', 'endured')
EARLY = 60

CODES = {ErrorCode.DATABASE_UNAVAILABLE, ErrorCode.STORE_UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class Failed:
    """A call that failed: which, how, and whether it has failed in every way now that it was to fail in."""

    what: str
    is_last_way: bool


class Calls(Protocol):
    def arm(self, number: int, way: int) -> None:
        """From now on calls count, and call `number` fails."""

    def disarm(self) -> Failed | None:
        """Calls work again. What failed; None if there were fewer calls."""


@dataclass
class Report:
    """How the failures of an operation ended."""

    refused: int = 0
    """Nothing was changed, and an error said so."""
    endured: int = 0
    """No error: the operation did all the same what it had to."""
    unknown: int = 0
    """An error said that it is not known."""
    failed: list[Failed] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f'{len(self.failed)} calls failed, {self.refused} refused, {self.endured} endured, {self.unknown} unknown'
        )


class Faults:
    """Operation `number` of a scenario, on copies of one home.

    `may_stop` says that the operation has several commits, each of which leaves the home sound: an error may come after one.
    Of the calls after the first `EARLY`, every one that is `stride` on is tried.
    """

    def __init__(
        self,
        scenario: Inserts,
        number: int,
        folder: Path,
        open_home: OpenHome = opened,
        *,
        may_stop: bool = False,
        stride: int = 1,
    ) -> None:
        self._scenario = scenario
        self._number = number
        self._folder = folder
        self._open = open_home
        self._may_stop = may_stop
        self._stride = stride
        with self._open(folder / 'before'):
            scenario.prepare()
            for each in range(number):
                scenario.do(each)

    def run(self, calls: Calls) -> Report:
        report, outcome = Report(), ''
        trials = _numbers_and_ways(report, self._stride)
        while outcome != 'succeeded':
            with self._fresh_home() as session:
                while (outcome := self._try(session, calls, next(trials), report)) == 'refused':
                    pass
                self._check(outcome)
        return report

    def _fresh_home(self) -> AbstractContextManager[Session]:
        shutil.rmtree(self._folder / 'home', ignore_errors=True)
        shutil.copytree(self._folder / 'before', self._folder / 'home')
        return self._open(self._folder / 'home')

    def _try(self, session: Session, calls: Calls, trial: Trial, report: Report) -> str:
        return attempt(session, partial(self._scenario.do, self._number), calls, trial, report, may_stop=self._may_stop)

    def _check(self, outcome: str) -> None:
        is_done = outcome != 'either'
        reached = check(self._scenario, self._number + is_done, may_be_next=not is_done)
        if outcome != 'endured':
            check_next(self._scenario, reached)


def roll(session: Session, scenario: Inserts, calls: Calls, cycle: int) -> Report:
    """Operation after operation on one home, until `cycle` in a row have fewer calls than the one that is to fail."""
    report, number, quiet = Report(), 0, 0
    scenario.prepare()
    for trial in _numbers_and_ways(report, stride=1):
        outcome = attempt(session, partial(scenario.do, number), calls, trial, report)
        number = state(scenario, number + (outcome in DONE), may_be_next=outcome == 'either')
        quiet = quiet + 1 if outcome == 'succeeded' else 0
        if quiet == cycle:
            break
    check(scenario, number, may_be_next=False)
    check_next(scenario, number)
    return report


def attempt(
    session: Session,
    operation: Callable[[], None],
    calls: Calls,
    trial: Trial,
    report: Report,
    *,
    may_stop: bool = False,
) -> str:
    """Lets a call fail. The operation 'succeeded' with fewer calls, 'endured' it, or 'refused' to be done; or it is 'either'."""
    before = session.catalog.last_commit()
    error: Error | None = None
    calls.arm(*trial)
    try:
        operation()
    except Error as raised:
        error = raised
    finally:
        failed = calls.disarm()
    if failed is not None:
        report.failed.append(failed)
    if error is None:
        report.endured += failed is not None
        return 'succeeded' if failed is None else 'endured'
    context = f'call {trial}, {failed}: {error!r}'
    assert failed is not None, context
    assert error.error_code in CODES, context
    is_unknown = isinstance(error, OutcomeUnknownError)
    report.unknown += is_unknown
    report.refused += not is_unknown
    if session.catalog.last_commit() == before:
        return 'refused'
    assert is_unknown or may_stop, f'{context}, and yet it was done'
    return 'either'


def _numbers_and_ways(report: Report, stride: int) -> Iterator[Trial]:
    """The numbers of the calls that are to fail, each as often as there are ways for it; of late ones not all."""
    number, way = 1, 0
    while True:
        yield number, way
        is_last = not report.failed or report.failed[-1].is_last_way
        number, way = (number + (1 if number < EARLY else stride), 0) if is_last else (number, way + 1)
