"""A follower that applies the change feed, and resumes it wherever it likes, holds what the table holds."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from table_machine import TableMachine, numbers

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.storage import flush, segments

Rows = dict[int, dict[str, Any]]


def apply(rows: Rows, changes: list[dict[str, Any]]) -> None:
    """Raises if a change does not fit the rows."""
    for change in changes:
        id_, before, after = change['id'], change['before'], change['after']
        match change['change']:
            case 'inserted':
                assert id_ not in rows
                rows[id_] = after
            case 'deleted':
                assert rows.pop(id_) == before
            case 'updated':
                assert before != after
                assert rows[id_].items() >= before.items()
                rows[id_] = rows[id_] | after


class Feed(TableMachine):
    """A follower may stop after any row, and go on from its cursor."""

    @initialize()
    def start(self) -> None:
        self.create()
        self.t.add_computed_column(c=self.t.a + 1)
        self.change('insert', 20, 2)
        self.behind: Rows = {}
        self.cursor: str | None = None
        self.cursors: list[tuple[str | None, Rows]] = [(None, {})]

    @rule(
        how=st.sampled_from(['insert', 'insert', 'update', 'update', 'delete']), value=numbers, modulo=st.integers(1, 4)
    )
    def change(self, how: str, value: int, modulo: int) -> None:
        if how == 'insert':
            self.t.insert({'a': value + number, 'b': str(value)} for number in range(1 + value % 30))
        elif how == 'update':
            self.t.update({'a': value}, where=self.t.a % modulo == 0)
        else:
            self.t.delete(where=self.t.a % (1 + modulo) == 0)

    @rule(how=st.sampled_from(['revert', 'revert', 'restore', 'drop', 'flush']), number=numbers)
    def go_back(self, how: str, number: int) -> None:
        last = self.t.get_metadata()['version']
        if how == 'revert' and last > 2:
            self.t.revert()
        elif how == 'restore':
            pxt.restore(self.t, version=1 + number % last)
        elif how == 'drop':
            pxt.drop_table(self.t)
            self.t = pxt.restore('t')
        elif how == 'flush':
            self.t._session.flush(self.t._table_id)

    @rule(number=numbers, other=numbers)
    def follow(self, number: int, other: int) -> None:
        """Some of the rows that there are to tell, from where the follower stands, and all from where it once stood."""
        changes = list(self.t.changes(self.cursor))
        taken = changes[: 1 + number % len(changes)] if changes else []
        apply(self.behind, taken)
        self.cursor = taken[-1]['cursor'] if taken else self.cursor
        self.cursors.append((self.cursor, dict(self.behind)))
        cursor, rows = self.cursors[other % len(self.cursors)]
        self.agrees(dict(rows), cursor)

    @rule(number=numbers, other=numbers)
    def start_from_a_version(self, number: int, other: int) -> None:
        """The rows of a version with what the feed tells since, or with the difference to another one."""
        last = self.t.get_metadata()['version']
        version, target = 1 + number % last, 1 + other % last
        self.agrees(self.rows(self.t.at(version)), version)
        rows = self.rows(self.t.at(version))
        apply(rows, list(self.t.diff(version, target)))
        assert rows == self.rows(self.t.at(target))

    @invariant()
    def the_feed_leads_to_the_table(self) -> None:
        if hasattr(self, 'cursors'):
            self.agrees(dict(self.behind), self.cursor)

    def agrees(self, rows: Rows, since: Any) -> None:
        apply(rows, list(self.t.changes(since)))
        assert rows == self.rows(self.t)

    @staticmethod
    def rows(t: Any) -> Rows:
        return {row.pop('row_id'): row for row in t.select(t.a, t.b, t.c, row_id=t.id).collect()}


# The model that this machine's base compares with, and what keeps it in step, are not of interest here.
for _name in ('look', 'maintain', 'is_as_the_model', 'snapshots_stay'):
    setattr(Feed, _name, None)


def test_the_feed_leads_to_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, 'INLINE_BYTES', 300)
    monkeypatch.setattr(flush, 'MAX_INLINED', 2)
    monkeypatch.setattr(default, '_session', None)
    monkeypatch.setattr(default, '_process', os.getpid())
    limits = settings(max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Feed, settings=limits)
