"""A table with a primary key behaves as a dict, whatever is done to it and however its rows lie in files."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from other_process import begun

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.session import Session
from pixeltable.storage import flush, key_filters, segment_keys, segments

Key = tuple[int, str]

keys = st.tuples(st.integers(0, 6), st.sampled_from(['', 'x', 'longer than eight bytes']))
values = st.integers(0, 3)
several = st.lists(st.tuples(keys, values), min_size=1, max_size=8)


class KeyedTable(RuleBasedStateMachine):
    """`versions` has what the table held after each version: the value by the key."""

    @initialize()
    def create(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.session: Session | None = None
        self.reopen()
        schema = {'n': pxt.Int, 's': pxt.String, 'v': pxt.Int | None}
        self.t = pxt.create_table('t', schema, primary_key=['s', 'n'])
        self.t.add_computed_column(twice=self.t.v * 2)
        self.versions: list[dict[Key, int]] = [{}, {}]

    def teardown(self) -> None:
        if hasattr(self, 'session') and self.session is not None:
            self.session.close()
            shutil.rmtree(self.folder)

    @property
    def now(self) -> dict[Key, int]:
        return self.versions[-1]

    def done(self, state: dict[Key, int], is_new: bool = True) -> None:
        if is_new:
            self.versions.append(state)

    def rows(self, given: list[tuple[Key, int]]) -> list[dict[str, object]]:
        return [{'n': n, 's': s, 'v': v} for (n, s), v in given]

    @rule()
    def reopen(self) -> None:
        """Goes on as another process, which knows nothing of the keys yet."""
        self.session = begun(self.folder / 'home', self.session)
        if hasattr(self, 't'):
            self.t = pxt.get_table('t')

    @rule(given=several)
    def insert(self, given: list[tuple[Key, int]]) -> None:
        new = dict(given)
        if len(new) < len(given) or new.keys() & self.now.keys():
            with pytest.raises(pxt.RequestError, match='primary key'):
                self.t.insert(self.rows(given))
        else:
            assert self.t.insert(self.rows(given)).num_rows == len(given)
            self.done(self.now | new)

    @rule(given=several)
    def upsert(self, given: list[tuple[Key, int]]) -> None:
        new = dict(given)
        status = self.t.upsert(self.rows(list(new.items())), return_rows=True)
        assert [((row['n'], row['s']), row['v'], row['twice']) for row in status.rows or []] == [
            (key, value, 2 * value) for key, value in new.items()
        ]
        assert status.row_count_stats.ins_rows == len(new.keys() - self.now.keys())
        self.done(self.now | new, self.now | new != self.now)

    @rule(given=several, how=st.sampled_from(['error', 'ignore']))
    def batch_update(self, given: list[tuple[Key, int]], how: str) -> None:
        new = dict(given)
        known = {key: value for key, value in new.items() if key in self.now}
        if how == 'error' and len(known) < len(new):
            with pytest.raises(pxt.NotFoundError):
                self.t.batch_update(self.rows(list(new.items())))
            return
        assert self.t.batch_update(self.rows(list(new.items())), if_not_exists=how).num_rows == len(known)
        self.done(self.now | known, self.now | known != self.now)

    @rule(key=keys, value=values)
    def update(self, key: Key, value: int) -> None:
        count = self.t.update({'v': value}, where=(self.t.n == key[0]) & (self.t.s == key[1])).num_rows
        assert count == (key in self.now)
        self.done(self.now | {key: value}, bool(count) and self.now[key] != value)

    @rule(some=st.lists(keys, max_size=4), number=st.integers(0, 6))
    def delete(self, some: list[Key], number: int) -> None:
        texts = [s for _, s in some]
        where = (self.t.n == number) & self.t.s.isin(texts) if texts else self.t.n == number
        gone = {key for key in self.now if key[0] == number and (not texts or key[1] in texts)}
        assert self.t.delete(where=where).num_rows == len(gone)
        self.done({key: value for key, value in self.now.items() if key not in gone}, bool(gone))

    @rule(how=st.sampled_from(['flush', 'optimize']))
    def maintain(self, how: str) -> None:
        if how == 'optimize':
            self.t.optimize()
        else:
            self.t._session.flush(self.t._table_id)

    @rule()
    def revert(self) -> None:
        if len(self.versions) > 2:
            self.t.revert()
            self.versions.pop()

    @rule(number=st.integers(0, 50))
    def restore(self, number: int) -> None:
        version = 1 + number % (len(self.versions) - 1)
        if version < len(self.versions) - 1:
            pxt.restore('t', version=version)
            self.done(self.versions[version])

    @rule(key=keys)
    def look(self, key: Key) -> None:
        found = self.t.where((self.t.s == key[1]) & (self.t.n == key[0])).collect()
        assert found['v'] == ([self.now[key]] if key in self.now else [])

    @invariant()
    def is_the_dict(self) -> None:
        if hasattr(self, 'versions'):
            found = list(self.t.collect())
            assert {(row['n'], row['s']): row['v'] for row in found} == self.now
            assert len(found) == len(self.now)
            assert all(row['twice'] == 2 * row['v'] for row in found)
            assert self.t.get_versions(1)[0]['version'] == len(self.versions) - 1


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most segments are Parquet and are asked through filters, some of these in files of their own."""
    monkeypatch.setattr(segments, 'INLINE_BYTES', 200)
    monkeypatch.setattr(flush, 'MAX_INLINED', 2)
    monkeypatch.setattr(segment_keys, 'SMALL_ROWS', 2)
    monkeypatch.setattr(segment_keys, 'INLINE_BYTES', 90)
    monkeypatch.setattr(key_filters, 'RUN_ROWS', 4)
    monkeypatch.setattr(default, '_session', None)
    monkeypatch.setattr(default, '_process', os.getpid())


def run(examples: int, steps: int) -> None:
    limits = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(KeyedTable, settings=limits)


def test_a_keyed_table_is_a_dict() -> None:
    run(examples=20, steps=25)


@pytest.mark.slow
def test_a_keyed_table_is_a_dict_for_long() -> None:
    run(examples=300, steps=50)
