"""Lets the Nth call of an operation fail, for every N until it succeeds, and looks at what is left each time.

`calls` is any source of calls: it is armed with a number, and says afterwards whether the call with that number came, and failed.
After each failure

- the error is one of ours, and says that a service is not available (never a foreign one, and never silence about lost work);
- if it was raised, nothing has changed, unless it says in words that this is not known; if none was, everything has;
- the same operation works on the same home when it is repeated: the next N is tried on what this one left.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from homes import check, check_next, opened
from scenarios import Inserts

from pixeltable.catalog.driver import OutcomeUnknownError
from pixeltable.errors import Error, ErrorCode
from pixeltable.session import Session

CODES = {ErrorCode.DATABASE_UNAVAILABLE, ErrorCode.STORE_UNAVAILABLE}


class Calls(Protocol):
    def arm(self, number: int) -> None:
        """From now on calls count, and call `number` fails."""

    def disarm(self) -> str | None:
        """Calls work again. The name of the call that failed, None if there were fewer."""


@dataclass
class Report:
    """How the failures of an operation ended."""

    raised: int = 0
    """Nothing was changed, and an error said so."""
    endured: int = 0
    """No error: the operation did all the same what it had to."""
    unknown: int = 0
    """An error said that it is not known."""
    calls: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f'{len(self.calls)} calls failed, {self.raised} raised, {self.endured} endured, {self.unknown} unknown'


class Faults:
    """Operation `number` of a scenario, on copies of one home.

    `may_stop` says that the operation has several commits, each of which leaves the home sound: an error may come after one.
    """

    def __init__(
        self,
        scenario: Inserts,
        number: int,
        folder: Path,
        open_home: Callable[[Path], AbstractContextManager[Session]] = opened,
        *,
        may_stop: bool = False,
    ) -> None:
        self._scenario = scenario
        self._number = number
        self._folder = folder
        self._open = open_home
        self._may_stop = may_stop
        with self._open(folder / 'before'):
            scenario.prepare()
            for each in range(number):
                scenario.do(each)

    def run(self, calls: Calls) -> Report:
        report, number, was_last = Report(), 1, False
        while not was_last:
            with self._fresh_home() as session:
                while (outcome := self._try(session, calls, number, report)) == 'unchanged':
                    number += 1
                was_last = len(report.calls) < number
                number += 1
                self._check(is_done=outcome == 'done')
        return report

    def _fresh_home(self) -> AbstractContextManager[Session]:
        shutil.rmtree(self._folder / 'home', ignore_errors=True)
        shutil.copytree(self._folder / 'before', self._folder / 'home')
        return self._open(self._folder / 'home')

    def _try(self, session: Session, calls: Calls, number: int, report: Report) -> str:
        """Lets call `number` fail. The operation was 'done', the home is 'unchanged', or it is 'either'."""
        before = session.catalog.last_commit()
        error: Error | None = None
        calls.arm(number)
        try:
            self._scenario.do(self._number)
        except Error as raised:
            error = raised
        finally:
            failed = calls.disarm()
        if failed is not None:
            report.calls.append(failed)
        if error is None:
            report.endured += failed is not None
            return 'done'
        context = f'call {number}, {failed}: {error!r}'
        assert failed is not None, context
        assert error.error_code in CODES, context
        is_unknown = isinstance(error, OutcomeUnknownError)
        report.unknown += is_unknown
        report.raised += not is_unknown
        if session.catalog.last_commit() == before:
            return 'unchanged'
        assert is_unknown or self._may_stop, f'{context}, and yet it was done'
        return 'either'

    def _check(self, *, is_done: bool) -> None:
        reached = check(self._scenario, self._number + is_done, may_be_next=not is_done)
        check_next(self._scenario, reached)
