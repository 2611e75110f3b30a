from __future__ import annotations

import dataclasses
import math

import pytest

from pixeltable.catalog.work.pools import PoolRecord
from pixeltable.exec.limits.adapting import EVIDENCE, grown, refused, succeeded, widened

NOW = 1000.0
NEW = PoolRecord('fake')


def busy(count=100, over=20.0, record=NEW):
    """A pool in which so many calls succeeded, evenly in the last seconds."""
    return succeeded(record, [NOW - over + over * number / count for number in range(count)], NOW)


def test_the_first_refusal_holds_the_pool_to_what_went_through() -> None:
    record = refused(busy(100, over=20), NOW - 1, 40, math.inf, NOW)
    assert record.proven == pytest.approx(100, rel=0.01)  # in the minute that 20 seconds and the wait make
    assert record.rate == pytest.approx(80, rel=0.01)
    assert (record.blocked_until, record.generation, record.strikes) == (NOW + 40, 1, 1)


def test_a_limit_of_a_second_is_not_taken_for_one_of_a_minute() -> None:
    assert refused(busy(20, over=2), NOW - 0.1, 0.1, math.inf, NOW).proven == pytest.approx(600, rel=0.1)


def test_of_calls_that_are_refused_together_only_the_first_counts() -> None:
    record = refused(busy(), NOW - 1, 10, math.inf, NOW)
    again = refused(record, NOW - 0.5, 30, math.inf, NOW + 0.1)
    assert again == dataclasses.replace(record, blocked_until=NOW + 30.1)


def test_refusals_in_a_row_without_a_wait_back_off() -> None:
    record, at, waits = busy(), NOW, []
    for _ in range(7):
        record = refused(record, at, None, math.inf, at)
        waits.append(record.blocked_until - at)
        at = record.blocked_until + 1
    assert waits == [1, 1, 2, 4, 8, 15, 15]


def test_too_little_is_no_evidence() -> None:
    record = refused(busy(EVIDENCE - 1), NOW - 1, 20, math.inf, NOW)
    assert (record.rate, record.strikes, record.blocked_until) == (0, 1, NOW + 20)


def test_a_known_limit_is_not_given_up_for_one_refusal() -> None:
    record = refused(busy(5), NOW - 1, 1, 480, NOW)
    assert record.proven == pytest.approx(0.9 * 480)
    for again in range(60):
        at = record.blocked_until + 1 + again
        record = refused(dataclasses.replace(record, strikes=0), at, 1, 480, at)
    assert record.proven == pytest.approx(480 / 16)


def test_a_rate_grows_back_quickly_and_then_slowly() -> None:
    record = dataclasses.replace(NEW, rate=80.0, proven=100.0, cut_at=NOW, blocked_until=NOW, synced_at=NOW)
    rates = []
    for second in range(1, 12):
        record = dataclasses.replace(grown(record, math.inf, True, NOW + second), synced_at=NOW + second)
        rates.append(record.rate)
    assert rates[:4] == [85, 90, 95, 100]
    assert rates[4:7] == [100.25, 100.5, 100.75]
    assert grown(record, 100, True, NOW + 12).rate == 0  # the known limit is all that holds it again


def test_a_rate_does_not_grow_while_it_proves_nothing() -> None:
    record = dataclasses.replace(NEW, rate=80.0, proven=100.0, synced_at=NOW)
    assert grown(record, math.inf, False, NOW + 1) == record
    for state in ({'strikes': 1}, {'blocked_until': NOW + 9}, {'rate': 0.0}):
        changed = dataclasses.replace(record, **state)
        assert grown(changed, math.inf, True, NOW + 1) == changed


def test_a_success_after_the_block_ends_the_row_of_refusals() -> None:
    record = refused(busy(), NOW - 1, 10, math.inf, NOW)
    assert succeeded(record, [NOW - 1], NOW + 2).strikes == 1
    fresh = succeeded(record, [NOW + 11], NOW + 12)
    assert (fresh.strikes, fresh.counted_from) == (0, NOW + 10)


def test_what_was_under_way_at_a_refusal_counts_when_it_succeeds() -> None:
    record = refused(busy(100), NOW - 1, 40, math.inf, NOW)
    assert succeeded(record, [NOW - 1] * 50, NOW + 3).proven == 150


def test_what_is_longer_ago_than_a_minute_is_forgotten() -> None:
    record = succeeded(busy(), [NOW + 70], NOW + 71)
    assert sum(count for _, count in record.history) == 1


def test_calls_at_once_double_with_each_round_but_not_within_a_second() -> None:
    record = widened(NEW, 3, NOW)
    assert record.window_size == 4
    record = widened(record, 1, NOW)
    assert record.window_size == 8
    assert widened(record, 100, NOW + 0.5).window_size == 8
    assert widened(record, 100, NOW + 1).window_size == 16
