from __future__ import annotations

import math

import pytest

from pixeltable.catalog.work.pools import PoolRecord
from pixeltable.exec.limits.pacing import BURST_S, Permit, Rates, corrected, no_more_than, permits

NOW = 1000.0
NEW = PoolRecord('fake')


def times(given):
    return [round(permit.at - NOW, 6) for permit in given]


def test_permits_follow_each_other_evenly() -> None:
    record, first = permits(NEW, Rates(requests=2), [0] * 100, NOW, ahead=1.0)
    assert times(first) == [-2, -1.5, -1, -0.5, 0, 0.5, 1]  # a pool that was idle may catch up a little
    record, second = permits(record, Rates(requests=2), [0] * 100, NOW, ahead=1.0)
    assert times(second) == [1.5, 2, 2.5]


def test_one_permit_is_given_however_far_away_it_is() -> None:
    record, _ = permits(NEW, Rates(requests=0.1), [0], NOW, ahead=1.0)
    assert times(permits(record, Rates(requests=0.1), [0, 0], NOW, ahead=1.0)[1]) == [10 - BURST_S]


def test_calls_of_many_tokens_are_further_apart() -> None:
    _, given = permits(NEW, Rates(tokens=100), [50, 300, 50, 50], NOW, ahead=10)
    assert times(given) == [-2, -1.5, 1.5, 2]
    assert [permit.tokens for permit in given] == [50, 300, 50, 50]


def test_the_limit_that_is_met_first_counts() -> None:
    _, given = permits(NEW, Rates(requests=1, tokens=100), [50, 50, 500, 50], NOW, ahead=10)
    assert times(given) == [-2, -1, 0, 4]


def test_nothing_is_given_for_the_time_of_a_block() -> None:
    record = PoolRecord('fake', blocked_until=NOW + 30)
    assert times(permits(record, Rates(requests=1), [0] * 2, NOW, ahead=1)[1]) == [30, 31]


def test_after_refusals_in_a_row_one_call_tries() -> None:
    record, given = permits(PoolRecord('fake', strikes=2), Rates(), [0] * 9, NOW, ahead=9)
    assert given == (Permit(NOW - BURST_S, 0),)
    assert times(permits(record, Rates(), [0] * 9, NOW, ahead=9)[1]) == [1 - BURST_S]


def test_tokens_are_corrected_and_permits_given_back() -> None:
    record = PoolRecord('fake', requests_at=NOW, tokens_at=NOW)
    changed = corrected(record, Rates(requests=2, tokens=10), tokens=-30, unused=4)
    assert (changed.requests_at, changed.tokens_at) == (NOW - 2, NOW - 3)
    assert corrected(record, Rates(), tokens=5, unused=1) == record


def test_what_others_used_is_not_there() -> None:
    record = no_more_than(NEW, Rates(requests=10, tokens=math.inf), 0, 0, NOW)
    assert (record.requests_at, record.tokens_at) == (NOW, NOW)
    assert no_more_than(NEW, Rates(requests=10), 5, None, NOW).requests_at == pytest.approx(NOW - 0.5)
