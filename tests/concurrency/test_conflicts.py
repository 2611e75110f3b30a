"""The words of the documented table of conflicts that say more than yes and no, and what becomes of those who lose.

The rest of the table is compared in `test_interleavings.py`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.catalog import postgres, sqlite
from pixeltable.exec import transaction
from pixeltable.storage import flush, segments

PAGE = Path(__file__).parents[2] / 'docs' / 'concurrency.md'
Meanwhile = Callable[..., contextlib.AbstractContextManager[list[bool]]]
Words = dict[tuple[str, str], str]


@pytest.fixture
def t(home: Path, monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    """Two large segments, of `n` below 200 and from 1000, and two small ones, of 2000 and 2001."""
    monkeypatch.setattr(segments, 'INLINE_BYTES', 1 << 10)
    monkeypatch.setattr(flush, 'MAX_INLINED', 1)
    t = pxt.create_table('t', {'n': pxt.Int, 'm': pxt.Int | None})
    t.add_computed_column(double=t.n * 2)
    for first, size in ((0, 200), (1000, 200), (2000, 1), (2001, 1)):
        t.insert({'n': n} for n in range(first, first + size))
    return t


ROW_CHANGES: dict[str, tuple[str, Callable[[pxt.Table, int], Any]]] = {
    'update': ('update, delete', lambda t, n: t.update({'m': 1}, where=t.n == n)),
    'delete': ('update, delete', lambda t, n: t.delete(where=t.n == n)),
    'recompute': ('recompute_columns', lambda t, n: t.recompute_columns('double', where=t.n == n)),
}


@pytest.mark.parametrize('other', ROW_CHANGES)
@pytest.mark.parametrize('operation', ROW_CHANGES)
def test_rows_of_one_segment_conflict_and_others_do_not(
    t: pxt.Table, meanwhile: Meanwhile, documented: Words, operation: str, other: str
) -> None:
    (label, work), (other_label, other_work) = ROW_CHANGES[operation], ROW_CHANGES[other]
    assert documented[label, other_label] == 'rows'
    with meanwhile(operation, lambda: other_work(t, 1)) as refused:
        work(t, 2)
    assert refused == [True, False]
    with meanwhile(operation, lambda: other_work(t, 1001)) as refused:
        work(t, 3)
    assert refused == [False]


@pytest.mark.parametrize('change', ROW_CHANGES)
def test_a_flush_conflicts_with_changes_of_what_it_moves(
    t: pxt.Table, meanwhile: Meanwhile, documented: Words, change: str
) -> None:
    label, work = ROW_CHANGES[change]
    assert documented['compaction', label] == documented[label, 'compaction'] == 'rows'
    with meanwhile('flush', lambda: work(t, 1)) as refused:
        t._session.flush(t._table_id)
    assert refused == [False]
    t.insert(n=3000)
    t.insert(n=3001)
    with meanwhile('flush', lambda: work(t, 3000)) as refused:
        t._session.flush(t._table_id)
    assert refused == [True]
    t.insert(n=3002)
    with meanwhile(change, lambda: t._session.flush(t._table_id)) as refused:
        work(t, 3001)
    assert refused == [True, False]


@pytest.mark.parametrize('back', ['restore', 'revert'])
@pytest.mark.parametrize('operation', ['insert', 'rename column'])
def test_going_back_conflicts_if_it_changes_the_columns(
    t: pxt.Table, meanwhile: Meanwhile, documented: Words, operation: str, back: str
) -> None:
    assert documented['column' if operation == 'rename column' else operation, back] == 'schema'
    work = {'insert': lambda: t.insert(n=1), 'rename column': lambda: t.rename_column('m', f'm{len(t.history())}')}
    again = {'revert': t.revert, 'restore': lambda: pxt.restore(t, version=t.get_versions(2)[1]['version'])}
    for change, is_refused in ((lambda: t.insert(n=1), False), (lambda: t.drop_column('double'), True)):
        change()
        with meanwhile(operation, again[back]) as refused:
            work[operation]()
        assert refused[0] is is_refused
        t.rename_column(t.columns()[1], 'm')


@pytest.mark.parametrize('operation', ['snapshot', 'restore', 'revert'])
@pytest.mark.parametrize('away', ['revert', 'vacuum'])
def test_a_version_that_is_taken_away(
    t: pxt.Table, meanwhile: Meanwhile, documented: Words, operation: str, away: str
) -> None:
    assert documented[operation, away] in ('version', 'yes')
    newest = t.get_versions(1)[0]['version']
    wanted = newest if operation == 'snapshot' or away == 'revert' else newest - 1
    work = {
        'snapshot': lambda: pxt.snapshot(t, name='kept'),
        'restore': lambda: pxt.restore(t, version=wanted),
        'revert': lambda: t.revert(),
    }
    take: Callable[[], Any] = t.revert if away == 'revert' else lambda: (t.insert(n=5), t.vacuum(retain=1))
    with meanwhile(operation, take) as refused, contextlib.suppress(pxt.NotFoundError, pxt.RequestError):
        work[operation]()
    assert refused[0]


def test_who_always_loses_gives_up(t: pxt.Table, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, 'ATTEMPTS', 3)
    others = [lambda n=n: t.update({'m': 7}, where=t.n == n) for n in range(10, 13)]  # all of one segment
    with meanwhile('delete', *others) as refused, pytest.raises(pxt.ConcurrencyError, match='3 times') as caught:
        t.delete(where=t.n == 2)
    assert refused == [True] * 3
    assert caught.value.is_retryable
    assert t.where(t.n == 2).count() == 1


def test_the_numbers_of_the_page() -> None:
    page = PAGE.read_text()
    assert re.search(r'lost (\d+) times', page)[1] == str(transaction.ATTEMPTS)
    assert (
        f'| a writer waits at most | {sqlite.WAIT_S:.0f} s, then `ServiceUnavailableError` | {postgres.WAIT_S} s'
        in page
    )


def test_a_version_that_becomes_a_snapshot_stays(t: pxt.Table, meanwhile: Meanwhile, documented: Words) -> None:
    assert documented['revert', 'snapshot'] == 'version'
    with (
        meanwhile('revert', lambda: pxt.snapshot(t, name='kept')) as refused,
        pytest.raises(pxt.RequestError, match='kept'),
    ):
        t.revert()
    assert refused == [True]
