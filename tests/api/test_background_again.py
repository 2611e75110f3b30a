"""Jobs that compute again what has been computed."""

from __future__ import annotations

from typing import Any

import pytest

import pixeltable as pxt


def rows(*ks: int) -> list[dict[str, Any]]:
    return [{'k': k} for k in ks]


def values(t: pxt.Table, column: str) -> list[Any]:
    return t.order_by(t.k).select(v=t[column]).collect()['v']


def test_a_recomputation_keeps_the_old_values_until_there_are_new_ones(numbers, paused, calls) -> None:
    numbers.insert(rows(*range(6)))
    calls.take()
    job = numbers.recompute_columns('x', background=True)
    assert values(numbers, 'y')[5] == 51
    numbers.insert(rows(6))
    assert calls.take() == ['6']
    paused()
    status = job.result()
    assert (status.num_rows, status.num_computed_values, status.updated_cols) == (6, 12, ['numbers.x', 'numbers.y'])
    assert calls.take() == [str(k) for k in range(6)]


def test_a_recomputation_of_some_rows(numbers, calls) -> None:
    numbers.insert(rows(*range(20, 50)))
    calls.take()
    job = numbers.recompute_columns('x', where=numbers.k % 10 == 3, cascade=False, background=True)
    status = job.result()
    assert (status.num_rows, status.num_computed_values) == (3, 3)
    assert calls.take() == ['23', '33', '43']


def test_what_is_written_while_a_recomputation_goes_on(numbers, paused, calls) -> None:
    numbers.insert(rows(*range(8)))
    calls.take()
    job = numbers.recompute_columns('x', where=numbers.k < 6, background=True)
    numbers.update({'k': 100}, where=numbers.k == 1)
    numbers.update({'s': 'new'}, where=numbers.k == 2)
    numbers.delete(where=numbers.k == 3)
    numbers.optimize()
    assert calls.take() == ['100']
    paused()
    assert job.result().num_rows == 4
    assert calls.take() == ['0', '2', '4', '5']
    assert values(numbers, 'y') == [1, 21, 41, 51, 61, 71, 1001]


def test_only_failed_cells(numbers, calls) -> None:
    with pytest.warns(pxt.PixeltableWarning):
        numbers.insert(rows(12, 13, 14))
    calls.take()
    for choice in ({'only': 'errors'}, {'only': 'errors', 'where': numbers.k > 0}):
        job = numbers.recompute_columns(**choice, background=True)
        with pytest.warns(pxt.PixeltableWarning, match='2 cells failed'):
            assert job.result().num_rows == 1
        assert calls.take() == ['13']


def test_a_mistake_begins_no_job(numbers) -> None:
    with pytest.raises(pxt.RequestError, match='needs at least one column'):
        numbers.recompute_columns(background=True)
    assert pxt.jobs() == []
