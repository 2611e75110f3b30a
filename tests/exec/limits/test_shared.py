from __future__ import annotations

import math

import pytest

from pixeltable.catalog.work.pools import Member, PoolRecord
from pixeltable.config.limits import PoolSettings
from pixeltable.exec.limits.shared import DEFAULT_CONCURRENCY, HEADROOM, News, step
from pixeltable.udf.limit_headers import Learned

NOW = 1.7e9
ME, OTHER = Member('me', 'here', 1, '0'), Member('other', 'here', 2, '0')
OPEN = PoolSettings()
KNOWN = PoolSettings(requests_per_minute=600)


def one(news=None, settings=OPEN, record=None, members=(), now=NOW, me=ME):
    given = news or News()
    return step(record or PoolRecord('fake'), members, me, given, settings, now)


def wanting(calls, tokens=None):
    return News(wanted=calls, tokens=[tokens] * calls, ahead=60)


def test_a_new_pool_begins_with_few_calls_at_once() -> None:
    _, members, grant = one(wanting(100))
    assert (grant.share, grant.is_paced, grant.is_alone, grant.is_searching) == (4, False, True, True)
    assert [(member.member, member.granted) for member in members] == [('me', 4)]


def test_a_pool_with_a_known_limit_is_paced_and_has_the_default_concurrency() -> None:
    _, _, grant = one(wanting(1000), KNOWN)
    assert (grant.share, grant.is_paced, grant.is_searching) == (DEFAULT_CONCURRENCY, True, False)
    assert grant.permits[10].at - grant.permits[0].at == pytest.approx(1 / HEADROOM)


def test_the_lower_of_what_is_configured_and_what_was_learned_counts() -> None:
    for told, expected in ((300, 300), (6000, 600)):
        record, _, grant = one(News(learned=Learned(requests=told), wanted=99, tokens=[0] * 99, ahead=60), KNOWN)
        assert record.learned_requests == told
        distance = grant.permits[1].at - grant.permits[0].at
        assert distance == pytest.approx(60 / expected / HEADROOM)


def test_a_limit_that_was_learned_is_known_to_all() -> None:
    record, members, _ = one(News(learned=Learned(requests=600)))
    _, _, grant = one(wanting(20), record=record, members=members, me=OTHER)
    assert grant.is_paced
    assert not grant.is_alone


def test_a_day_that_is_used_up_blocks_for_an_hour_at_most() -> None:
    assert one(News(learned=Learned(used_up_for=60)))[2].blocked_until == NOW + 60
    assert one(News(learned=Learned(used_up_for=86400)))[2].blocked_until == NOW + 3600
    assert one(News(refused=[(NOW, 86400.0)]))[2].blocked_until == NOW + 3600


def test_tokens_are_taken_to_be_the_mean() -> None:
    settings = PoolSettings(tokens_per_minute=60_000)
    assert one(wanting(1), settings)[2].permits[0].tokens == 1000  # before any was reported
    record, _, grant = one(News(succeeded=[NOW, NOW], used=300, tokens=[None, 7.0], ahead=9), settings)
    assert [permit.tokens for permit in grant.permits] == [150, 7]
    assert one(News(succeeded=[NOW] * 2, used=1300), settings, record)[0].mean_tokens == 400


def test_permits_of_an_earlier_generation_are_not_given_back() -> None:
    record = PoolRecord('fake', generation=1, requests_at=NOW)
    assert one(News(generation=0, unused=5), KNOWN, record)[0].requests_at == NOW
    assert one(News(generation=1, unused=5), KNOWN, record)[0].requests_at < NOW


def test_who_leaves_is_no_member() -> None:
    _, members, grant = one(News(is_leaving=True), members=[ME, OTHER])
    assert (members, grant.share) == ([], 0)  # the other one was not seen for years
    seen = Member('other', 'here', 2, '0', 8, 4, NOW)
    assert one(News(is_leaving=True), members=[seen])[1] == [seen]


def test_after_the_clock_was_set_back_nobody_waits_for_it() -> None:
    ahead = NOW + 7200
    record = PoolRecord('fake', requests_at=ahead + 1, blocked_until=ahead + 5, cut_at=ahead, synced_at=ahead)
    changed, _, grant = one(wanting(1), KNOWN, record)
    assert grant.blocked_until == pytest.approx(NOW + 5)
    assert changed.requests_at < NOW + 6
    assert one(record=PoolRecord('fake', synced_at=NOW + 30, blocked_until=NOW + 9))[2].blocked_until == NOW + 9


def test_nothing_is_infinite_in_what_is_stored() -> None:
    record, _, _ = one(News(wanted=1, refused=[(NOW, None)], succeeded=[NOW] * 9), KNOWN)
    numbers = [getattr(record, name) for name in record.__slots__ if isinstance(getattr(record, name), float)]
    assert all(map(math.isfinite, numbers))
