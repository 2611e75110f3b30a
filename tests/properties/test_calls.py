"""Whatever is done to a table, each operation makes the least calls of its functions by which its cells can be right."""

from __future__ import annotations

import warnings
from collections import Counter

import pytest
from call_machine import CallMachine, calls
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.storage import flush, segments

values = st.integers(0, 5) | st.none()
keys = st.integers(0, 20)
names = st.sampled_from(['x', 'y', 'z'])
READERS = {'x': ['x'], 'y': ['y', 'z'], 'z': ['z']}


class Calls(CallMachine):
    """The operations."""

    @rule(given=st.lists(values, min_size=1, max_size=6), background=st.booleans())
    def insert(self, given: list[int | None], background: bool) -> None:
        state = self.model.begin()
        first = max(state.rows, default=-1) + 1
        new = {first + place: {'v': v} for place, v in enumerate(given)}
        state.rows.update(new)
        with self.least(self.model.compute(state, new, self.ordered())):
            status = self.t.insert([{'k': k, 'v': row['v']} for k, row in new.items()], background=background)
            if background:
                status.wait()
        self.done(state)

    @rule(old=values, new=values)
    def update(self, old: int | None, new: int | None) -> None:
        state = self.model.begin()
        found = [key for key, row in state.rows.items() if row['v'] == old and old != new]
        for key in found:
            state.rows[key]['v'] = new
        least = self.model.compute(state, found, self.ordered())
        with self.least(least):
            self.t.update({'v': new}, where=self.t.v == old)
        if found:
            self.done(state)

    @rule(old=values)
    def update_what_nothing_reads(self, old: int | None) -> None:
        with self.least(Counter()):
            self.t.update({'s': 'seen'}, where=self.t.v == old)
        self.done(self.model.begin())

    @rule(least=keys, most=keys)
    def delete(self, least: int, most: int) -> None:
        state = self.model.begin()
        state.rows = {key: row for key, row in state.rows.items() if not least <= key <= most}
        self.t.delete(where=(self.t.k >= least) & (self.t.k <= most))
        if len(state.rows) < len(self.model.now.rows):
            self.done(state)

    @rule(name=names, only=st.sampled_from(['all', 'stale', 'errors']), background=st.booleans())
    def recompute(self, name: str, only: str, background: bool) -> None:
        state = self.model.begin()
        cells = {key: row[name] for key, row in state.rows.items()}
        if only == 'stale':
            found = [key for key, cell in cells.items() if cell.factor != self.model.factor]
        else:
            found = [key for key, cell in cells.items() if only == 'all' or cell.error is not None]
        with self.least(self.model.compute(state, found, [n for n in READERS[name] if n in state.columns])):
            status = self.t.recompute_columns(name, only=only, background=background)
            if background:
                status.wait()
        if found:
            self.done(state)

    @rule()
    def drop_and_add(self) -> None:
        state = self.model.begin()
        del state.columns['x']
        for row in state.rows.values():
            del row['x']
        self.t.drop_column('x')
        self.done(state)
        self.add('x', 'paid', 'v')

    @rule(factor=st.sampled_from([10, 20]))
    def change_the_code(self, factor: int) -> None:
        self.edit(factor)

    @rule(number=st.integers(0, 50))
    def restore(self, number: int) -> None:
        version = sorted(self.model.versions)[number % len(self.model.versions)]
        state = self.model.versions[version]
        if set(state.columns) != {'x', 'y', 'z'}:
            return
        pxt.restore(self.t, version=version)
        self.done(state)

    @rule(given=st.lists(values, min_size=1, max_size=6))
    def end_in_the_middle(self, given: list[int | None]) -> None:
        """Another process goes on with a job. What was under way is called again, and nothing that was kept."""
        state = self.model.begin()
        first = max(state.rows, default=-1) + 1
        new = {first + place: {'v': v} for place, v in enumerate(given)}
        state.rows.update(new)
        least, before = self.model.compute(state, new, self.ordered()), calls.copy()
        self.t.insert([{'k': k, 'v': row['v']} for k, row in new.items()], background=True)
        self.reopen()
        for job in pxt.jobs():
            job.wait()
        assert all(least[name] <= calls[name] - before[name] <= 2 * least[name] for name in ('paid', 'plain'))
        self.done(state)

    @rule()
    def tidy(self) -> None:
        self.t.optimize()

    def ordered(self) -> list[str]:
        """The computed columns, each after those that it reads."""
        return [name for name in ('x', 'y', 'z') if name in self.model.now.columns]


@pytest.mark.filterwarnings('ignore::pixeltable.errors.PixeltableWarning')
def test_no_call_is_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default, '_session', None)
    monkeypatch.setattr(segments, 'INLINE_BYTES', 300)
    monkeypatch.setattr(flush, 'MAX_INLINED', 2)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', pxt.PixeltableWarning)
        run_state_machine_as_test(
            Calls,
            settings=settings(
                max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
