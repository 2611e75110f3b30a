"""Primary keys hold between threads and processes, and writers of different keys do not get into each other's way."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.storage import flush, segment_keys

Meanwhile = Callable[..., contextlib.AbstractContextManager[list[bool]]]


@pytest.fixture
def keyed(team: Any, tasks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    monkeypatch.setattr(segment_keys, 'SMALL_ROWS', 50)
    tasks.create_keyed()
    return pxt.get_table('keyed')


def test_each_key_is_inserted_once(team: Any, keyed: pxt.Table) -> None:
    keys = [*range(30), -1, -1000]
    done = team.work(*(('insert_keys', {'by': by, 'keys': keys, 'attempts': 30}) for by in 'ab'))
    assert sorted(done[0]['inserted'] + done[1]['inserted']) == list(range(30))
    by = {row['k']: row['by'] for row in keyed.where(keyed.k >= 0).collect()}
    assert by == {k: name for name, each in zip('ab', done, strict=True) for k in each['inserted']}


def test_different_keys_need_no_second_attempt(team: Any, keyed: pxt.Table) -> None:
    parts = {by: list(range(start, start + 25)) for by, start in zip('abcd', (0, 100, 200, 300), strict=True)}
    # A single attempt more, for a flush by another process that comes in between.
    done = team.work(*(('insert_keys', {'by': by, 'keys': keys, 'attempts': 2}) for by, keys in parts.items()))
    assert [each['inserted'] for each in done] == list(parts.values())
    assert max(each['longest'] for each in done) < 20
    assert keyed.where(keyed.k >= 0).count() == 100


def test_upserts_insert_each_key_once(team: Any, keyed: pxt.Table) -> None:
    batches = [[k, k + 1, k + 2] for k in range(0, 40, 2)]
    done = team.work(*(('upsert_keys', {'by': by, 'batches': batches}) for by in ('a', 'bb')))
    found = list(keyed.where(keyed.k >= 0).collect())
    assert Counter(row['k'] for row in found) == Counter({k for batch in batches for k in batch})
    assert sum(inserted for inserted, _ in done) == len(found)
    assert all((row['n'], row['triple']) == (len(row['by']), 3 * len(row['by'])) for row in found)


def test_an_insert_of_another_key_is_let_through(keyed: pxt.Table, meanwhile: Meanwhile) -> None:
    with meanwhile('insert', lambda: keyed.insert(k=1, by='', n=0)) as refused:
        keyed.insert(k=2, by='', n=0)
    assert refused == [False]


def test_an_insert_of_the_same_key_is_not(keyed: pxt.Table, meanwhile: Meanwhile) -> None:
    with (
        meanwhile('insert', lambda: keyed.insert(k=1, by='first', n=0)) as refused,
        pytest.raises(pxt.RequestError, match='primary key k = 1 already'),
    ):
        keyed.insert(k=1, by='second', n=0)
    assert refused == [True]
    assert keyed.where(keyed.k == 1).collect()['by'] == ['first']


def test_a_large_insert_meanwhile_is_looked_at_once(keyed: pxt.Table, meanwhile: Meanwhile) -> None:
    with meanwhile('insert', lambda: keyed.insert({'k': k, 'by': '', 'n': 0} for k in range(500))) as refused:
        keyed.insert(k=500, by='', n=0)
    assert refused == [True, False]


def test_a_flush_meanwhile_hides_no_key(
    keyed: pxt.Table, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flush, 'MAX_INLINED', 0)

    def insert_and_flush() -> None:
        keyed.insert(k=1, by='first', n=0)
        keyed._session.flush(keyed._table_id)

    with meanwhile('insert', insert_and_flush), pytest.raises(pxt.RequestError, match='k = 1 already'):
        keyed.insert(k=1, by='second', n=0)


@pytest.mark.parametrize('back', ['restore', 'revert'])
def test_a_row_that_comes_back_meanwhile_has_its_key(keyed: pxt.Table, meanwhile: Meanwhile, back: str) -> None:
    before = keyed.get_versions(1)[0]['version']
    keyed.delete(where=keyed.k == -5)
    undo = keyed.revert if back == 'revert' else lambda: pxt.restore('keyed', version=before)
    with meanwhile('insert', undo), pytest.raises(pxt.RequestError, match='k = -5 already'):
        keyed.insert(k=-5, by='again', n=0)


def test_a_key_that_appears_meanwhile_is_updated_by_an_upsert(keyed: pxt.Table, meanwhile: Meanwhile) -> None:
    with meanwhile('upsert', lambda: keyed.insert(k=1, by='first', n=1)) as refused:
        status = keyed.upsert([{'k': 1, 'by': 'second', 'n': 2}, {'k': 2, 'by': 'second', 'n': 2}])
    assert refused == [True, False]
    assert (status.row_count_stats.ins_rows, status.row_count_stats.upd_rows) == (1, 1)
    assert keyed.where(keyed.k > 0).collect()['by'] == ['second', 'second']


def test_a_row_that_goes_meanwhile(keyed: pxt.Table, meanwhile: Meanwhile) -> None:
    with meanwhile('upsert', lambda: keyed.delete(where=keyed.k == -3)):
        assert keyed.upsert([{'k': -3, 'by': 'x', 'n': 1}]).row_count_stats.ins_rows == 1
    with meanwhile('batch_update', lambda: keyed.delete(where=keyed.k == -4)), pytest.raises(pxt.NotFoundError):
        keyed.batch_update([{'k': -4, 'by': 'x'}])


def test_a_lost_attempt_calls_no_function_twice(calls: Any, keyed: pxt.Table, meanwhile: Meanwhile) -> None:
    path = calls.path

    @pxt.udf
    def logged(n: int) -> int:
        with open(path, 'a') as log:
            log.write(f'{n}\n')
        return n

    keyed.add_computed_column(same=logged(keyed.n))
    calls.take()
    other = [lambda: keyed.delete(where=keyed.k == -7), lambda: keyed.delete(where=keyed.k == -8)]
    with meanwhile('upsert', other[0]) as refused:
        keyed.upsert([{'k': -6, 'by': 'x', 'n': 11}, {'k': 6, 'by': 'x', 'n': 12}])
    with meanwhile('update', other[1]) as refused_update:
        keyed.update({'n': 13}, where=keyed.k == -9)
    assert (refused, refused_update) == ([True, False], [True, False])
    assert sorted(calls.take()) == ['11', '12', '13']
