"""A follower reads the change feed while others insert, update, flush, revert and restore, and ends up with the same rows."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.storage import flush, segments

ROUNDS = 15


@pytest.fixture
def t(home: Path, monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    monkeypatch.setattr(segments, 'INLINE_BYTES', 1 << 10)
    monkeypatch.setattr(flush, 'MAX_INLINED', 2)
    t = pxt.create_table('t', {'n': pxt.Int})
    t.insert(n=0)
    return t


def insert(t: pxt.Table) -> None:
    for number in range(ROUNDS):
        t.insert({'n': number} for _ in range(1 + 80 * (number % 2)))


def update(t: pxt.Table) -> None:
    for number in range(ROUNDS):
        t.update({'n': t.n + 1}, where=t.n % 3 == number % 3)


def go_back(t: pxt.Table) -> None:
    for number in range(ROUNDS):
        if number % 2:
            pxt.restore(t, version=1 + number // 2)
        else:
            t.revert()
            t.insert(n=-number)


def maintain(t: pxt.Table) -> None:
    for _ in range(ROUNDS):
        t._session.flush(t._table_id)


class Follower:
    def __init__(self, t: pxt.Table) -> None:
        self.t = t
        self.rows: dict[int, dict[str, Any]] = {}
        self.cursor: str | None = None

    def catch_up(self) -> None:
        for row in self.t.changes(self.cursor):
            self.cursor = row['cursor']
            if row['change'] == 'inserted':
                assert row['id'] not in self.rows
                self.rows[row['id']] = row['after']
            else:
                old = self.rows.pop(row['id'])
                assert old.items() >= row['before'].items()
                if row['change'] == 'updated':
                    self.rows[row['id']] = old | row['after']

    def until(self, done: threading.Event) -> None:
        while not done.is_set():
            self.catch_up()
        self.catch_up()


def test_it_misses_nothing(t: pxt.Table) -> None:
    follower, done = Follower(t), threading.Event()
    with ThreadPoolExecutor() as pool:
        following = pool.submit(follower.until, done)
        for work in [pool.submit(work, t) for work in (insert, update, go_back, maintain)]:
            work.result()
        done.set()
        following.result()
    assert follower.rows == {row['id']: {'n': row['n']} for row in t.select(t.n, id=t.id).collect()}
    again = Follower(t)
    again.catch_up()
    assert again.rows == follower.rows
