"""Whatever is done while jobs go on, a cell is pending or right, and in the end the table is what it would be without jobs."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from other_process import begun

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.exec.changes import new_segments
from pixeltable.exec.jobs import workers
from pixeltable.session import Session

UNLUCKY = 3
values = st.integers(0, 5)


@pxt.udf
def times_ten(v: int) -> int:
    if v == UNLUCKY:
        raise ValueError('unlucky')
    return v * 10


class Background(RuleBasedStateMachine):
    """`rows` has the value of each row by its key."""

    @initialize()
    def create(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.session: Session | None = None
        self.rows: dict[int, int] = {}
        self.added: list[str] = []
        self.next = 0
        self.reopen()
        t = pxt.create_table('t', {'k': pxt.Int, 'v': pxt.Int, 's': pxt.String | None})
        t.add_computed_column(x=times_ten(t.v))
        t.add_computed_column(y=t.x + 1)

    def teardown(self) -> None:
        if getattr(self, 'session', None) is not None:
            self.finish()
            self.session.close()
            shutil.rmtree(self.folder)

    @property
    def t(self) -> pxt.Table:
        return pxt.get_table('t')

    @rule()
    def reopen(self) -> None:
        """Ends a process in the middle of what it does, and begins another one."""
        self.session = begun(self.folder, self.session)

    @rule(given=st.lists(values, min_size=1, max_size=9), background=st.booleans())
    def insert(self, given: list[int], background: bool) -> None:
        new = {self.next + place: value for place, value in enumerate(given)}
        self.next += len(given)
        self.t.insert([{'k': k, 'v': v} for k, v in new.items()], background=background)
        self.rows |= new

    @precondition(lambda self: len(self.added) < 2)
    @rule(background=st.booleans(), column=st.sampled_from(['v', 'y']))
    def add_column(self, background: bool, column: str) -> None:
        name = f'z{len(self.added)}'
        self.t.add_computed_column(**{name: times_ten(self.t[column])}, background=background)
        self.added.append(name)
        setattr(self, name, column)

    @rule(old=values, new=values)
    def update(self, old: int, new: int) -> None:
        self.t.update({'v': new}, where=self.t.v == old)
        self.rows = {k: new if v == old else v for k, v in self.rows.items()}

    @rule(old=values)
    def update_what_nothing_reads(self, old: int) -> None:
        self.t.update({'s': 'seen'}, where=self.t.v == old)

    @rule(least=st.integers(0, 20), most=st.integers(0, 20))
    def delete(self, least: int, most: int) -> None:
        self.t.delete(where=(self.t.k >= least) & (self.t.k <= most))
        self.rows = {k: v for k, v in self.rows.items() if not least <= k <= most}

    @rule(background=st.booleans(), value=values | st.none())
    def recompute(self, background: bool, value: int | None) -> None:
        where = None if value is None else self.t.v == value
        self.t.recompute_columns('x', where=where, background=background)

    @rule()
    def optimize(self) -> None:
        self.t.optimize()

    @rule()
    def cancel(self) -> None:
        pxt.jobs()[0].cancel() if pxt.jobs() else None

    @rule()
    def wait(self) -> None:
        for job in pxt.jobs():
            job.wait()

    def expected(self, v: int) -> dict[str, tuple[Any, str | None]]:
        def called(value: tuple[Any, str | None]) -> tuple[Any, str | None]:
            if value[1] is not None:
                return None, 'InputError'
            return (None, 'ValueError') if value[0] == UNLUCKY else (value[0] * 10, None)

        found = {'v': (v, None), 'x': called((v, None))}
        found['y'] = (None, 'InputError') if found['x'][1] else (found['x'][0] + 1, None)
        return found | {name: called(found[getattr(self, name)]) for name in self.added}

    @invariant()
    def cells_are_pending_or_right(self) -> None:
        if getattr(self, 'session', None) is not None:
            self.check(may_be_pending=True)

    def check(self, may_be_pending: bool) -> None:
        t = self.t
        names = ['x', 'y', *self.added]
        errors = {f'{name}_error': t[name].errortype for name in names}
        rows = t.select(t.k, t.v, *(t[name] for name in names), **errors).collect()
        assert {row['k']: row['v'] for row in rows} == self.rows
        for row in rows:
            for name, value in self.expected(row['v']).items():
                found = row[name], row.get(f'{name}_error')
                assert found == value or (may_be_pending and found == (None, 'Pending')), (name, row)

    def finish(self) -> None:
        self.wait()
        for name in ('x', *self.added):  # what cancelled jobs have left
            self.t.recompute_columns(name, where=self.t[name].errortype == 'Pending')
        self.check(may_be_pending=False)
        assert pxt.verify().problems == ()


@pytest.mark.filterwarnings('ignore::pixeltable.errors.PixeltableWarning')
def test_a_table_with_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default, '_session', None)
    for owner, name, value in (
        (new_segments, 'PENDING_ROWS', 3),
        (workers, 'FIRST_ROWS', 3),
        (workers, 'MOST_ROWS', 6),
    ):
        monkeypatch.setattr(owner, name, value)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', pxt.PixeltableWarning)
        run_state_machine_as_test(
            Background,
            settings=settings(
                max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
