"""The state machine without its operations: a table, its model, and the comparison of the two after each step."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from other_process import begun
from predicates import Predicate, expression, matching, predicates
from table_model import Column, Model, State

import pixeltable as pxt
from pixeltable.session import Session

TYPES = {'int': pxt.Int | None, 'text': pxt.String | None}
numbers = st.integers(0, 99)


class TableMachine(RuleBasedStateMachine):
    """Each rule does the same to the table and to the model. Numbers choose among what there is, counted round."""

    @staticmethod
    def new_catalog() -> str | None:
        """Where the catalog of the next run is: None is a file."""
        return None

    def create(self) -> None:
        os.environ['PICKY'] = '0'
        self.folder = Path(tempfile.mkdtemp())
        self.catalog = self.new_catalog()
        self.session: Session | None = None
        self.reopen()
        self.t = pxt.create_table('t', {'a': TYPES['int'], 'b': TYPES['text']}, on_error='ignore')
        self.model = Model({1: Column('a', 'int'), 2: Column('b', 'text')})

    def teardown(self) -> None:
        if hasattr(self, 'session') and self.session is not None:
            self.session.close()
            shutil.rmtree(self.folder)

    def reopen(self) -> None:
        """Goes on in what is to the store another process."""
        self.session = begun(self.folder / 'home', self.session, self.catalog)
        if hasattr(self, 't'):
            self.t = pxt.get_table('t')

    @rule(how=st.sampled_from(['flush', 'reopen']))
    def maintain(self, how: str) -> None:
        """Changes nothing that anyone sees."""
        if how == 'reopen':
            self.reopen()
        else:
            self.t._session.flush(self.t._table_id)

    @rule(where=predicates, number=numbers)
    def look(self, where: Predicate, number: int) -> None:
        """A query now, and everything as it was at an earlier version."""
        found = [row['row_id'] for row in self.t.where(self.where(where)).select(row_id=self.t.id).collect()]
        assert sorted(found) == sorted(matching(where, self.model.now))
        assert self.t.where(self.where(where)).count() == len(found)
        version = number % len(self.model.versions)
        self.compare(pxt.get_table(f't:{version}'), self.model.versions[version])

    @invariant()
    def is_as_the_model(self) -> None:
        if hasattr(self, 'model'):
            self.compare(self.t, self.model.now)
            assert self.t.get_versions(1)[0]['version'] == len(self.model.versions) - 1

    @invariant()
    def snapshots_stay(self) -> None:
        for name, version in getattr(self, 'model', Model({0: Column('', '')})).snapshots.items():
            self.compare(pxt.get_snapshot(self.t, name), self.model.versions[version])

    def compare(self, t: Any, state: State) -> None:
        assert t.columns() == state.names()
        wanted = {c.name: t[c.name] for c in state.columns.values()}
        errors = {f'{c.name}_errortype': t[c.name].errortype for c in state.columns.values() if c.kind is not None}
        found = list(t.select(row_id=t.id, **wanted, **errors).collect())
        shown = state.shown()
        assert {row.pop('row_id'): row for row in found} == shown
        assert t.count() == len(shown) == len(found)

    def where(self, predicate: Predicate | None) -> Any:
        return None if predicate is None else expression(predicate, self.model.now, self.t)

    def next_id(self) -> int:
        """The id that the next row gets; the store never gives one twice, not even after a revert."""
        source = self.t._session.catalog._database.connection()
        return int(source.command('SELECT next_row_id FROM counters')[0][0])

    @staticmethod
    @contextlib.contextmanager
    def expected(error: type[Exception] | None) -> Iterator[None]:
        """The block works, or raises `error`."""
        if error is None:
            yield
        else:
            with pytest.raises(error):
                yield
