"""Lets the Nth call of an operation fail, for every N until it succeeds, and looks at what is left each time.

`calls` is any source of calls: it is armed with a number, and says afterwards whether the call with that number came, and failed.
After each failure

- the error is one of ours, and says that a service is not available (never a foreign one, and never silence about lost work);
- if it was raised, nothing has changed, unless it says in words that this is not known; if none was, everything has;
- the same operation works on the same home when it is repeated: the next N is tried on what this one left.

`Faults` starts from a copy of the home after each failure that was not refused; `roll` goes on with the home, for what cannot be
copied. `look` is for what changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Container, Iterator
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

NO_TRIAL: Trial = (0, 0)

DONE = ('succeeded', 'endured')
EARLY = 30

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

    def __add__(self, other: Report) -> Report:
        return Report(
            self.refused + other.refused,
            self.endured + other.endured,
            self.unknown + other.unknown,
            self.failed + other.failed,
        )

    def __str__(self) -> str:
        return (
            f'{len(self.failed)} calls failed, {self.refused} refused, {self.endured} endured, {self.unknown} unknown'
        )


class Faults:
    """Operation `number` of a scenario, on copies of one home.

    `may_stop` says that the operation has several commits, each of which leaves the home sound: an error may come after one.
    Of the calls after the first `EARLY`, every one that is `stride` on is tried. If `is_cold`, each attempt has a session of its
    own, which has read nothing yet.
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
        is_cold: bool = False,
    ) -> None:
        self._scenario = scenario
        self._number = number
        self._folder = folder
        self._open = open_home
        self._may_stop = may_stop
        self._stride = stride
        self._is_cold = is_cold
        with self._open(folder / 'before'):
            scenario.prepare()
            for each in range(number):
                scenario.do(each)

    def run(self, calls: Calls) -> Report:
        report, outcome = Report(), ''
        trials = _numbers_and_ways(report, self._stride)
        while outcome != 'succeeded':
            if outcome != 'refused':
                self._renew_home()
            with self._open(self._folder / 'home') as session:
                outcome = self._try(session, calls, next(trials), report)
                while outcome == 'refused' and not self._is_cold:
                    outcome = self._try(session, calls, next(trials), report)
                self._check(outcome)
        return report

    def _renew_home(self) -> None:
        shutil.rmtree(self._folder / 'home', ignore_errors=True)
        shutil.copytree(self._folder / 'before', self._folder / 'home')

    def _try(self, session: Session, calls: Calls, trial: Trial, report: Report) -> str:
        return attempt(session, partial(self._scenario.do, self._number), calls, trial, report, may_stop=self._may_stop)

    def _check(self, outcome: str) -> None:
        reached = check(self._scenario, self._number + (outcome in DONE), may_be_next=outcome == 'either')
        if outcome in ('succeeded', 'either'):
            check_next(self._scenario, reached)


def roll(session: Session, scenario: Inserts, calls: Calls, cycle: int) -> Report:
    """Operation after operation on one home, of `cycle` kinds by turns, until each kind has failed at all of its calls."""
    reports, number = [Report() for _ in range(cycle)], 0
    trials = [_numbers_and_ways(report, stride=1) for report in reports]
    left = set(range(cycle))
    scenario.prepare()
    while left:
        kind = number % cycle
        trial = next(trials[kind]) if kind in left else NO_TRIAL
        session.maintenance.drain()
        outcome = attempt(session, partial(scenario.do, number), calls, trial, reports[kind])
        # What a refused operation left behind is still there when one is done: only then all is checked.
        found = state if outcome == 'refused' else check
        number = found(scenario, number + (outcome in DONE), may_be_next=outcome == 'either')
        if outcome == 'succeeded' and trial[1] == 0:
            left.discard(kind)
    check_next(scenario, number)
    return sum(reports, start=Report())


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


def look(
    calls: Calls, trial: Trial, action: Callable[[], object], codes: Container[ErrorCode] = CODES
) -> Failed | None:
    """Does what may be done at any time while a call fails; an error has one of `codes`. What failed, if such a call came."""
    calls.arm(*trial)
    code = None
    try:
        action()
    except Error as error:
        code = error.error_code
    failed = calls.disarm()
    assert code is None or (failed is not None and code in codes), f'{failed}: {code}'
    return failed


def _numbers_and_ways(report: Report, stride: int) -> Iterator[Trial]:
    """The numbers of the calls that are to fail, each as often as there are ways for it; of late ones not all."""
    number, way = 1, 0
    while True:
        failures = len(report.failed)
        yield number, way
        is_last = len(report.failed) == failures or report.failed[-1].is_last_way
        number, way = (number + (1 if number < EARLY else stride), 0) if is_last else (number, way + 1)
