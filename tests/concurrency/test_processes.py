"""Several processes write to one table at once: nothing is lost, nothing is half there, and nobody computes from what is old."""

from __future__ import annotations

from collections import Counter
from types import ModuleType
from typing import Any

import pytest

import pixeltable as pxt


def rows() -> list[dict[str, Any]]:
    t = pxt.get_table('t')
    return list(t.select(row_id=t.id, **{name: t[name] for name in t.columns()}).collect())


def assert_derived(found: list[dict[str, Any]]) -> None:
    wrong = [row for row in found if (row['double'], row['triple']) != (row['n'] * 2, row['n'] * 3)]
    assert not wrong


def assert_whole_batches(found: list[dict[str, Any]]) -> None:
    sizes = Counter(row['batch'] for row in found)
    assert all(sizes[row['batch']] == row['size'] for row in found)


@pytest.mark.parametrize('processes', [2, 4])
def test_inserts_lose_nothing(team: Any, processes: int) -> None:
    inserted = team.work(*(('insert', {'name': name, 'times': 60 // processes}) for name in 'abcd'[:processes]))
    found = rows()
    assert len(found) == sum(inserted)
    assert len({row['row_id'] for row in found}) == len(found)
    assert_whole_batches(found)
    assert_derived(found)


def test_rows_of_one_insert_have_neighbouring_ids(team: Any) -> None:
    team.work(*(('insert', {'name': name, 'times': 12}) for name in 'ab'))
    first: dict[str, int] = {}
    for row in sorted(rows(), key=lambda row: row['row_id']):
        assert row['row_id'] - row['n'] == first.setdefault(row['batch'], row['row_id'])


def test_every_row_has_the_column_that_came_meanwhile(team: Any) -> None:
    added = [f'extra{number}' for number in range(6)]
    team.work(*(('insert', {'name': name, 'times': 24}) for name in 'ab'), ('add_columns', {'names': added}))
    found = rows()
    assert all(row[name] == row['n'] * 3 + 1 for row in found for name in added)
    assert_whole_batches(found)


def test_a_column_name_is_given_once(team: Any) -> None:
    names = [f'extra{number}' for number in range(5)]
    added = team.work(*(('add_columns', {'names': names}) for _ in range(2)))
    assert sorted(added[0] + added[1]) == names
    assert pxt.get_table('t').columns()[-5:] == names


def test_increments_of_one_row_all_count(team: Any, tasks: ModuleType) -> None:
    pxt.get_table('t').insert(tasks.rows_of('counter', 1))
    assert team.work(*[('increment', {'times': 50})] * 2) == [50, 50]
    (row,) = rows()
    assert row['n'] == 100
    assert_derived([row])


def test_recomputing_beside_updates_keeps_the_newest_values(team: Any, tasks: ModuleType) -> None:
    t = pxt.get_table('t')
    for batch in ('counter', 'other'):
        t.insert(tasks.rows_of(batch, 20))
    t.insert(tasks.rows_of('large', tasks.LARGE))
    team.work(('increment', {'times': 25}), ('recompute', {'times': 25}), ('flush_often', {'times': 100}))
    found = rows()
    assert_derived(found)
    assert sum(row['n'] for row in found if row['batch'] == 'counter') == sum(range(20)) + 20 * 25


def test_a_column_computed_beside_updates_and_recomputation_is_not_stale(team: Any, tasks: ModuleType) -> None:
    t = pxt.get_table('t')
    t.insert(tasks.rows_of('counter', tasks.LARGE))
    added = [f'extra{number}' for number in range(5)]
    team.work(('add_columns', {'names': added}), ('increment', {'times': 20}), ('recompute', {'times': 20}))
    assert all(row[name] == row['n'] * 3 + 1 for row in rows() for name in added)


def test_flushing_beside_inserts_and_updates_loses_nothing(team: Any, tasks: ModuleType) -> None:
    pxt.get_table('t').insert(tasks.rows_of('counter', 3))
    inserted, *_ = team.work(
        ('insert', {'name': 'a', 'times': 40}), ('increment', {'times': 20}), ('flush_often', {'times': 150})
    )
    found = rows()
    assert len(found) == inserted + 3
    assert_derived(found)
    assert sum(row['n'] for row in found if row['batch'] == 'counter') == 3 + 3 * 20


def test_deleted_rows_do_not_come_back(team: Any, tasks: ModuleType) -> None:
    t = pxt.get_table('t')
    batches = [f'b{number}' for number in range(10)]
    for batch in [*batches, 'counter']:
        t.insert(tasks.rows_of(batch, 5))
    removed, *_ = team.work(
        ('remove', {'batches': batches}), ('recompute', {'times': 15}), ('flush_often', {'times': 60})
    )
    assert removed == 50
    assert {row['batch'] for row in rows()} == {'counter'}


def test_readers_see_whole_inserts_only(team: Any) -> None:
    torn = team.work(('insert', {'name': 'a', 'times': 30}), ('flush_often', {'times': 60}), ('read', {'times': 60}))[
        -1
    ]
    assert torn == []
