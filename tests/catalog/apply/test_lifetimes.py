from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pixeltable.catalog.apply.lifetimes import Ended, Lifetimes

commits = st.integers(1, 40)


def test_what_happened_between_boundaries_is_told_with_the_first() -> None:
    lifetimes = Lifetimes([10, 20], [20])
    assert [lifetimes.floor(commit) for commit in (5, 10, 15, 20, 99)] == [5, 10, 10, 20, 20]


def test_stretches_of_ends_with_one_answer_are_one_statement() -> None:
    lifetimes = Lifetimes([10, 20, 30], [20])
    assert lifetimes.unneeded([11, 12, 20, 25, 30, 31]) == [Ended(11, 25, 0), Ended(30, 31, 30)]


@given(st.sets(commits, min_size=1), st.data())
def test_a_row_goes_if_no_kept_commit_sees_it_once_it_was_moved(boundaries: set[int], data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(sorted(boundaries))))
    lives = data.draw(st.lists(st.tuples(commits, commits).filter(lambda life: life[0] < life[1])))
    lifetimes = Lifetimes(boundaries, kept)
    ended = lifetimes.unneeded(sorted({end for _, end in lives}))
    for begin, end in lives:
        goes = any(each.low <= end <= each.high and begin >= each.begin_from for each in ended)
        assert goes == (not any(lifetimes.floor(begin) <= commit < lifetimes.floor(end) for commit in kept))
