"""Batches as large as a function takes, unless smaller ones are faster."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pixeltable.exec.calls.batch_size import BatchSize


def sizes(seconds: Callable[[int], float], batches: int = 60, *, may_adapt: bool = True) -> list[int]:
    """The sizes that batches get if one of `n` rows takes `seconds(n)`."""
    size, found = BatchSize(64, may_adapt=may_adapt), []
    for _ in range(batches):
        found.append(size.rows)
        size.took(size.rows, seconds(size.rows))
    return found


@pytest.mark.parametrize('overhead', [0.05, 0.5])
def test_with_overhead_the_declared_size_is_best(overhead) -> None:
    found = sizes(lambda rows: overhead + rows * 0.001)
    assert found[-40:] == [64] * 40
    assert set(found) == {64, 32}


def test_what_grows_faster_than_its_rows_gets_fewer() -> None:
    found = sizes(lambda rows: 0.02 + rows**2 * 0.001)
    assert found[-1] < 16
    assert found[-1] == found[-20]


def test_what_makes_no_difference_stays() -> None:
    assert sizes(lambda rows: rows * 0.001)[-1] == 64


@pytest.mark.parametrize(('seconds', 'may_adapt'), [(lambda rows: rows**2 * 1e-7, True), (lambda rows: rows**2, False)])
def test_neither_quick_ones_nor_those_of_a_provider_are_tried(seconds, may_adapt) -> None:
    assert set(sizes(seconds, may_adapt=may_adapt)) == {64}


def test_only_full_batches_are_measured() -> None:
    size = BatchSize(64, may_adapt=True)
    for _ in range(20):
        size.took(7, 10)
    assert size.rows == 64


def test_after_too_little_memory_it_grows_no_more() -> None:
    size = BatchSize(64, may_adapt=True)
    size.was_too_much(64)
    for _ in range(20):
        size.took(32, 1)
    assert size.rows == 32
    size.was_too_much(1)
    assert size.rows == 1
