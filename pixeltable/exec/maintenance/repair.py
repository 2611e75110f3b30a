"""Repair: acts on what a verification found. What is derived is made again; of what is not, it says in words what was lost.

Nothing is dropped: a file that cannot be made again stays as it is, and reading it stays an error.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from pixeltable._support.words import counted
from pixeltable.catalog.changes import Change, Commit, RequirementFailed
from pixeltable.catalog.repairs import ForgetAside, RaiseCounter
from pixeltable.errors import Error
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.findings import (
    SHOWN,
    DamagedFile,
    DamagedMedia,
    LowCounter,
    Problem,
    WrongAside,
    WrongRows,
)
from pixeltable.exec.maintenance.rebuild import LostError, rebuilt
from pixeltable.exec.maintenance.repair_media import remade
from pixeltable.exec.maintenance.repair_views import followed_again
from pixeltable.exec.maintenance.verify import Depth, verify


@dataclass(frozen=True, slots=True, repr=False)
class RepairReport:
    """What `repair` did. It prints as text; `ok` says whether nothing is left that is wrong.

    Attributes:
        repaired: what was put right, one sentence each.
        problems: what could not be, and what to do about it.
        seconds: how long it took, with the verification before.
    """

    repaired: tuple[str, ...]
    problems: tuple[Problem, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """True if everything that was wrong is right again."""
        return not self.problems

    def __repr__(self) -> str:
        if not self.repaired and not self.problems:
            return f'Nothing to repair ({self.seconds:.1f} s).'
        lines = [f'Repaired {counted(len(self.repaired), "problem")} in {self.seconds:.1f} s.']
        lines += [f'  {text}' for text in self.repaired[:SHOWN]]
        if self.problems:
            lines.append(f'{counted(len(self.problems), "problem")} cannot be repaired:')
            lines += [f'  {problem}' for problem in self.problems[:SHOWN]]
        return '\n'.join(lines)


def repair(engine: Engine, table_id: str | None = None) -> RepairReport:
    """Verifies everything, or one table, and repairs what can be repaired."""
    started = time.perf_counter()
    problems = list(verify(engine, table_id, Depth(0, may_call=True)).problems)
    repaired: list[str] = []
    progressed = True
    while problems and progressed:  # a column may be computed from one that is repaired first
        left = []
        for problem in problems:
            text = _try(engine, problem)
            if isinstance(text, Problem):
                left.append(text)
            else:
                repaired.append(text)
        progressed, problems = len(left) < len(problems), left
    return RepairReport(tuple(repaired), tuple(problems), time.perf_counter() - started)


def _try(engine: Engine, problem: Problem) -> str | Problem:
    """What was done, or the problem in the words of why it remains."""
    match problem.cause:
        case None:
            return problem
        case LowCounter(table_id, at_least):
            change: Change = RaiseCounter(table_id, at_least)
            done = f'the next row gets an id from {at_least} on'
        case WrongAside(table_id, file_ids):
            change = ForgetAside(table_id, file_ids)
            done = (
                'its statistics and block digests were removed; t.optimize() makes them again when it rewrites the file'
            )
        case DamagedFile() | DamagedMedia() | WrongRows() as cause:
            try:
                if isinstance(cause, WrongRows):
                    return f'{problem.where}: {followed_again(engine, cause)}.'
                if isinstance(cause, DamagedMedia):
                    return f'{problem.where}: {remade(engine, cause)}.'
                change, done = rebuilt(engine, cause)
            except LostError as lost:
                return replace(problem, what=f'{problem.what}. {lost.what}', remedy=lost.remedy)
            except Error as error:
                return replace(problem, remedy=f'it cannot be made again: {error.message}')
    try:
        engine.catalog.commit(Commit('repair', (change,)))
    except RequirementFailed:
        done = 'nothing needs it any more'
    return f'{problem.where}: {done}.'
