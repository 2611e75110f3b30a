"""The operations: each does the same to the table and to the model. Numbers choose among what there is, counted round."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from predicates import Predicate, ints, matching, predicates, texts
from table_machine import TYPES, TableMachine, numbers
from table_model import KINDS, Column, Failed

import pixeltable as pxt

names = st.sampled_from(['a', 'b', 'c', 'd', 'e', 'A', 'a_2', 'c_3'])
wheres = st.none() | st.none() | predicates
rarely = st.sampled_from([False, False, True])
mostly = st.sampled_from([True, True, False])
rows = st.tuples(st.none() | ints, st.none() | texts)


class Rows(TableMachine):
    """What changes rows."""

    @rule(
        given=st.lists(rows, min_size=1, max_size=4),
        repeat=st.sampled_from([1, 1, 1, 20]),
        abort=rarely,
    )
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

    @rule(number=numbers, source=numbers, a=st.none() | ints, b=st.none() | texts, how=st.booleans(), where=wheres)
    def update(self, number: int, source: int, a: Any, b: Any, how: bool, where: Predicate | None) -> None:
        state = self.model.begin()
        key = _pick(state.plain(), number)
        type_ = state.columns[key].type
        other = _pick(state.of_type(type_), source)
        constant = (b or '' if type_ == 'text' else a or 0) if how else (b if type_ == 'text' else a)
        ids = matching(where, state)
        old = {id_: state.rows[id_][other] for id_ in ids}
        changed = []
        for id_, value in old.items():
            known = not (value is None or isinstance(value, Failed))
            new = constant if not how else value + constant if known else None
            if new != state.rows[id_][key]:
                state.rows[id_][key] = new
                changed.append(id_)
        state.compute(changed, state.affected([key]))
        new_value = self.t[state.columns[other].name] + constant if how else constant
        fails = how and any(isinstance(value, Failed) for value in old.values())
        with self.expected(pxt.RequestError if fails else None):
            status = self.t.update({state.columns[key].name: new_value}, where=self.where(where))
            assert status.num_rows == len(ids)
            if changed:
                self.model.done(state)

    @rule(where=predicates)
    def delete(self, where: Predicate) -> None:
        state = self.model.begin()
        ids = matching(where, state)
        for id_ in ids:
            del state.rows[id_]
        assert self.t.delete(where=self.where(where)).num_rows == len(ids)
        if ids:
            self.model.done(state)

    @rule(number=numbers, where=wheres, errors_only=rarely, cascade=mostly, picky=st.integers(0, 2))
    def recompute(self, number: int, where: Predicate | None, errors_only: bool, cascade: bool, picky: int) -> None:
        state = self.model.begin()
        os.environ['PICKY'] = str(picky)
        if not state.computed():
            return
        key = _pick(state.computed(), number)
        ids = [id_ for id_ in matching(where, state) if not errors_only or isinstance(state.rows[id_][key], Failed)]
        state.compute(ids, [key, *(state.affected([key]) if cascade else [])])
        name = state.columns[key].name
        self.t.recompute_columns(name, where=self.where(where), errors_only=errors_only, cascade=cascade)
        if ids:
            self.model.done(state)


class Columns(TableMachine):
    """What changes columns."""

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

    @rule(name=names, kind=st.sampled_from(sorted(KINDS)), inputs=st.tuples(numbers, numbers), abort=rarely)
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


class History(TableMachine):
    """What names versions and goes back to them."""

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

    @rule(name=st.sampled_from(['s', 't', 'u']), number=numbers)
    def restore(self, name: str, number: int) -> None:
        version = self.model.snapshots.get(name)
        if version is None:
            version = number % len(self.model.versions)
            pxt.restore(self.t, version=version)
        else:
            pxt.restore(self.t, snapshot=name)
        self.model.done(self.model.versions[version])


class Operations(Rows, Columns, History):
    """All of them, from a table with rows and computed columns."""

    @initialize()
    def start(self) -> None:
        self.create()
        self.insert([(number, 'a') for number in range(8)], 1, False)
        self.add_computed_column('c', 'picky', (0, 0), False)
        self.add_computed_column('d', 'minus', (1, 0), False)


def _pick(keys: list[int], number: int) -> int:
    return keys[number % len(keys)]


def _is_taken(columns: Iterable[Column], name: str) -> bool:
    return name.lower() in {column.name.lower() for column in columns}
