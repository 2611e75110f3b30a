"""Drives a table with random operations, and compares all of it with a plain Python model after each."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from predicates import Predicate, expression, ints, matching, predicates, texts
from table_model import KINDS, Column, Failed, Model, State

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.config.settings import Settings
from pixeltable.session import Session
from pixeltable.storage import flush, segments

TYPES = {'int': pxt.Int | None, 'text': pxt.String | None}
numbers = st.integers(0, 99)
names = st.sampled_from(['a', 'b', 'c', 'd', 'e', 'A', 'a_2', 'c_3'])
wheres = st.none() | predicates
rows = st.tuples(st.none() | ints, st.none() | texts)


class TableMachine(RuleBasedStateMachine):
    """Each rule does the same to the table and to the model. Numbers choose among what there is, counted round."""

    @initialize()
    def create(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.session: Session | None = None
        self.reopen()
        self.t = pxt.create_table('t', {'a': TYPES['int'], 'b': TYPES['text']})
        self.model = Model({1: Column('a', 'int'), 2: Column('b', 'text')})

    def teardown(self) -> None:
        if hasattr(self, 'session') and self.session is not None:
            self.session.close()
            shutil.rmtree(self.folder)

    @rule()
    def reopen(self) -> None:
        """Goes on in what is to the store another process."""
        if self.session is not None:
            self.session.close()
        self.session = Session(Settings(self.folder / 'home', ZoneInfo('UTC'), verbosity=0, show_progress=False))
        default._session = self.session
        default._process = os.getpid()
        if hasattr(self, 't'):
            self.t = pxt.get_table('t')

    @rule(remainder=st.integers(0, 2))
    def change_function(self, remainder: int) -> None:
        """What `picky` refuses; cells that exist stay as they are until something computes them."""
        os.environ['PICKY'] = str(remainder)

    # Rows

    @rule(given=st.lists(rows, min_size=1, max_size=4), repeat=st.sampled_from([1, 1, 1, 20]), abort=st.booleans())
    def insert(self, given: list[tuple[Any, Any]], repeat: int, abort: bool) -> None:
        state = self.model.begin()
        first = self.next_id()
        new = {}
        for number, (a, b) in enumerate(given * repeat):
            chosen = {'int': a, 'text': b}
            new[first + number] = {key: chosen[state.columns[key].type] for key in state.plain()}
        state.rows.update(new)
        failed = state.compute(new, state.computed())
        data = [{state.columns[key].name: new[id_][key] for key in state.plain()} for id_ in new]
        with self.expected(pxt.RequestError if failed and abort else None):
            status = self.t.insert(data, on_error='abort' if abort else 'ignore')
            self.model.done(state)
            assert (status.num_rows, status.num_excs) == (len(new), failed)

    def next_id(self) -> int:
        """The id that the next row gets; the store never gives one twice, not even after a revert."""
        source = self.t._session.catalog._database.connection()
        return int(source.command('SELECT next_row_id FROM counters')[0][0])

    @rule(number=numbers, source=numbers, a=st.none() | ints, b=st.none() | texts, how=st.booleans(), where=wheres)
    def update(self, number: int, source: int, a: Any, b: Any, how: bool, where: Predicate | None) -> None:
        state = self.model.begin()
        key = _pick(state.plain(), number)
        type_ = state.columns[key].type
        other = _pick(state.of_type(type_), source)
        constant = (b or '' if type_ == 'text' else a or 0) if how else (b if type_ == 'text' else a)
        ids = matching(where, state)
        old = {id_: state.rows[id_][other] for id_ in ids}
        for id_ in ids:
            value = old[id_]
            state.rows[id_][key] = constant if not how else None if value is None or isinstance(value, Failed) else value + constant
        state.compute(ids, state.affected([key]))
        new_value = self.t[state.columns[other].name] + constant if how else constant
        fails = how and any(isinstance(value, Failed) for value in old.values())
        with self.expected(pxt.RequestError if fails else None):
            status = self.t.update({state.columns[key].name: new_value}, where=self.where(where))
            assert status.num_rows == len(ids)
            if ids:
                self.model.done(state)

    @rule(where=wheres)
    def delete(self, where: Predicate | None) -> None:
        state = self.model.begin()
        ids = matching(where, state)
        for id_ in ids:
            del state.rows[id_]
        assert self.t.delete(where=self.where(where)).num_rows == len(ids)
        if ids:
            self.model.done(state)

    @rule(number=numbers, where=wheres, errors_only=st.booleans(), cascade=st.booleans())
    def recompute(self, number: int, where: Predicate | None, errors_only: bool, cascade: bool) -> None:
        state = self.model.begin()
        if not state.computed():
            return
        key = _pick(state.computed(), number)
        ids = [id_ for id_ in matching(where, state) if not errors_only or isinstance(state.rows[id_][key], Failed)]
        state.compute(ids, [key, *(state.affected([key]) if cascade else [])])
        name = state.columns[key].name
        self.t.recompute_columns(name, where=self.where(where), errors_only=errors_only, cascade=cascade)
        if ids:
            self.model.done(state)

    @rule()
    def flush(self) -> None:
        self.t._session.flush(self.t._table_id)

    # Columns

    @rule(name=names, type_=st.sampled_from(['int', 'text']))
    def add_column(self, name: str, type_: str) -> None:
        state = self.model.begin()
        key = self.model.new_key()
        with self.expected(pxt.AlreadyExistsError if _is_taken(state.columns.values(), name) else None):
            self.t.add_column(**{name: TYPES[type_]})
            state.columns[key] = Column(name, type_)
            for row in state.rows.values():
                row[key] = None
            self.model.done(state)

    @rule(name=names, kind=st.sampled_from(sorted(KINDS)), inputs=st.tuples(numbers, numbers), abort=st.booleans())
    def add_computed_column(self, name: str, kind: str, inputs: tuple[int, int], abort: bool) -> None:
        state = self.model.begin()
        choices = [(state.of_type(type_), number) for type_, number in zip(KINDS[kind].inputs, inputs, strict=False)]
        if not all(keys for keys, _ in choices):
            return
        keys = tuple(_pick(*choice) for choice in choices)
        new = self.model.new_key()
        expression = KINDS[kind].expression(*(self.t[state.columns[key].name] for key in keys))
        taken = _is_taken(state.columns.values(), name)
        state.columns[new] = Column(name, KINDS[kind].output, kind, keys)
        failed = state.compute(state.rows, [new])
        with self.expected(pxt.AlreadyExistsError if taken else pxt.RequestError if failed and abort else None):
            status = self.t.add_computed_column(**{name: expression}, on_error='abort' if abort else 'ignore')
            assert status.num_excs == failed
            self.model.done(state)

    @rule(number=numbers)
    def drop_column(self, number: int) -> None:
        state = self.model.begin()
        key = _pick(list(state.columns), number)
        refused = state.readers(key) or (state.columns[key].kind is None and len(state.plain()) == 1)
        with self.expected(pxt.RequestError if refused else None):
            self.t.drop_column(state.columns[key].name)
            del state.columns[key]
            for row in state.rows.values():
                del row[key]
            self.model.done(state)

    @rule(number=numbers, name=names)
    def rename_column(self, number: int, name: str) -> None:
        state = self.model.begin()
        key = _pick(list(state.columns), number)
        column = state.columns[key]
        if column.name == name:
            return
        others = [other for key_, other in state.columns.items() if key_ != key]
        with self.expected(pxt.AlreadyExistsError if _is_taken(others, name) else None):
            self.t.rename_column(column.name, name)
            state.columns[key] = replace(column, name=name)
            self.model.done(state)

    # History

    @rule()
    def revert(self) -> None:
        last = len(self.model.versions) - 1
        refused = last == 0 or last in self.model.snapshots.values()
        with self.expected(pxt.RequestError if refused else None):
            self.t.revert()
            self.model.versions.pop()

    @rule(name=st.sampled_from(['s', 't', 'u']))
    def snapshot(self, name: str) -> None:
        pxt.snapshot(self.t, name=name, if_exists='replace')
        self.model.snapshots[name] = len(self.model.versions) - 1

    @rule(name=st.sampled_from(['s', 't', 'u']))
    def restore_snapshot(self, name: str) -> None:
        if name in self.model.snapshots:
            pxt.restore(self.t, snapshot=name)
            self.model.done(self.model.versions[self.model.snapshots[name]])

    @rule(number=numbers)
    def restore_version(self, number: int) -> None:
        version = number % len(self.model.versions)
        pxt.restore(self.t, version=version)
        self.model.done(self.model.versions[version])

    # What must be so

    @rule(where=predicates)
    def query(self, where: Predicate) -> None:
        found = [row['row_id'] for row in self.t.where(self.where(where)).select(row_id=self.row_id(self.t)).collect()]
        assert sorted(found) == matching(where, self.model.now)
        assert self.t.where(self.where(where)).count() == len(found)

    @rule(number=numbers)
    def look_back(self, number: int) -> None:
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
        found = list(t.select(row_id=self.row_id(t), **wanted, **errors).collect())
        shown = state.shown()
        assert {row.pop('row_id'): row for row in found} == shown
        assert t.count() == len(shown) == len(found)

    def where(self, predicate: Predicate | None) -> Any:
        return None if predicate is None else expression(predicate, self.model.now, self.t)

    @staticmethod
    def row_id(t: Any) -> Any:
        return t.id

    @staticmethod
    @contextlib.contextmanager
    def expected(error: type[Exception] | None) -> Iterator[None]:
        """The block works, or raises `error`."""
        if error is None:
            yield
        else:
            with pytest.raises(error):
                yield


def _pick(keys: list[int], number: int) -> int:
    return keys[number % len(keys)]


def _is_taken(columns: Iterable[Column], name: str) -> bool:
    return name.lower() in {column.name.lower() for column in columns}


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Much is Parquet, and a flush moves what little there is."""
    monkeypatch.setattr(segments, 'INLINE_BYTES', 300)
    monkeypatch.setattr(flush, 'MAX_INLINED', 2)
    monkeypatch.setattr(default, '_session', None)
    monkeypatch.setattr(default, '_process', os.getpid())
    monkeypatch.setenv('PICKY', '0')
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', pxt.PixeltableWarning)
        yield


def run(examples: int, steps: int) -> None:
    limits = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(TableMachine, settings=limits)


def test_a_table_is_as_its_model() -> None:
    run(examples=25, steps=30)


@pytest.mark.slow
def test_a_table_is_as_its_model_for_long() -> None:
    run(examples=int(os.environ.get('STATEFUL_EXAMPLES', '400')), steps=60)
