from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pixeltable.catalog.work.pools import Member
from pixeltable.exec.limits.sharing import fair, present, share

WANTED = st.dictionaries(st.text('abcdef', min_size=1, max_size=2), st.integers(0, 50), min_size=1, max_size=6)


def member(name, wanted=10, granted=0, seen_at=100.0):
    return Member(name, 'here', 1, '0', wanted, granted, seen_at)


@given(WANTED, st.integers(0, 100), st.integers(0, 9))
def test_shares_are_fair(wanted, allowed, turn) -> None:
    shares = fair(wanted, allowed, turn)
    assert sum(shares.values()) == min(allowed, sum(wanted.values()))
    assert all(shares[name] <= wanted[name] for name in wanted)
    hungry = [shares[name] for name in wanted if shares[name] < wanted[name]]
    assert not hungry or max(shares.values()) - min(hungry) <= 1


def test_what_is_left_over_goes_round() -> None:
    assert [fair({'a': 5, 'b': 5, 'c': 5}, 1, turn)['b'] for turn in range(3)] == [0, 1, 0]


def test_nobody_gets_what_others_still_have() -> None:
    assert share([], 'me', 10, 8, 100) == 8
    assert share([member('other', granted=8)], 'me', 10, 8, 100) == 0
    assert share([member('other', granted=6)], 'me', 10, 8, 100) == 2
    assert share([member('other', granted=0)], 'me', 10, 8, 100) == 4


def test_who_was_not_seen_for_long_is_gone() -> None:
    assert present([member('a'), member('b', seen_at=10)], 105) == [member('a')]
