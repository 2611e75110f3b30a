from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixeltable.errors import RequestError
from pixeltable.storage import key_filters
from pixeltable.storage.key_filters import KeyFilter, Wanted
from pixeltable.storage.row_keys import KeySet

numbers = st.lists(st.integers(0, 2**64 - 1), max_size=200)


def wanted(values) -> Wanted:
    return Wanted(KeySet(np.array(values, np.uint64), {}))


def some(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, count, np.uint64)


@given(numbers)
def test_no_key_is_missed(values) -> None:
    held = np.array(values, np.uint64)
    found, ranges = wanted(values).among(KeyFilter.of((1,), held))
    assert found.tolist() == sorted(set(values))
    assert ranges == ([(0, len(values))] if values else [])


@given(numbers, st.lists(st.integers(0, 2**64 - 1), max_size=30))
def test_one_by_one_is_as_all_at_once(values, others) -> None:
    filter_ = KeyFilter.of((1,), np.array(values, np.uint64))
    together, _ = wanted(others).among(filter_)
    alone = [other for other in set(others) if len(wanted([other]).among(filter_)[0])]
    assert sorted(alone) == together.tolist()


def test_others_pass_rarely() -> None:
    filter_ = KeyFilter.of((1,), some(50_000))
    found, _ = wanted(some(100_000, 1)).among(filter_)
    assert 50 < len(found) < 300  # one of 800


def test_only_the_runs_that_may_have_a_key_are_named(monkeypatch) -> None:
    monkeypatch.setattr(key_filters, 'RUN_ROWS', 1000)
    held = some(3500)
    filter_ = KeyFilter.of((1,), held)
    assert wanted(held[[1500, 1600, 3400]]).among(filter_)[1] == [(1000, 2000), (3000, 3500)]
    assert KeyFilter.decode(filter_.encode()) == filter_


def test_written_and_read() -> None:
    filter_ = KeyFilter.of((7, 3), some(1000))
    assert KeyFilter.decode(filter_.encode()) == filter_
    assert len(filter_.encode()) < 1000 * 2 + 64


def damages(data: bytes) -> list[bytes]:
    return [b'', data[:20], data[:-1], data + b'\0', b'PXTKEYS2' + data[8:], data[:16] + bytes(4) + data[20:]]


@pytest.mark.parametrize('damage', range(6))
def test_what_is_no_filter_is_refused(damage) -> None:
    with pytest.raises(RequestError, match='key filter'):
        KeyFilter.decode(damages(KeyFilter.of((1,), some(100)).encode())[damage])


def test_within_and_common() -> None:
    few, many = wanted([5, 7, 5]), wanted(range(100))
    assert few.within(frozenset({7, 8})).tolist() == [7]
    assert many.within(frozenset({7, 500})).tolist() == [7]
    assert many.common(np.array([99, 3, 3, 100], np.uint64)).tolist() == [3, 99]
    assert len(few) == 2
