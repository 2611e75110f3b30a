from __future__ import annotations

from collections.abc import Callable

import pytest

import pixeltable as pxt
from pixeltable.exec.differences.segments import Stretch, stretches
from pixeltable.storage import segments


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


@pytest.fixture
def t(home, monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    """Three segments of 50 rows."""
    monkeypatch.setattr(segments, 'INLINE_BYTES', 100)
    t = pxt.create_table('t', {'k': pxt.Int})
    for start in (0, 50, 100):
        t.insert({'k': k} for k in range(start, start + 50))
    return t


def between(t: pxt.Table, before: int, after: int) -> list[Stretch]:
    return list(stretches(t.at(before)._source(), t.at(after)._source()))


def test_what_both_have_is_left_out(t) -> None:
    assert between(t, 3, 3) == []
    assert between(t, 2, 3) == [Stretch(after=[2])]
    assert between(t, 3, 1) == [Stretch(before=[1]), Stretch(before=[2])]


def test_a_segment_with_another_delete_vector_is_a_pair(t) -> None:
    t.delete((t.k == 7) | (t.k == 107))
    assert between(t, 3, 4) == [Stretch(same_rows=[(0, 0)]), Stretch(same_rows=[(2, 2)])]


def test_rows_that_moved_lie_with_the_segment_that_they_left(t) -> None:
    t.update({'k': -1}, where=t.k == 57)
    assert between(t, 3, 4) == [Stretch(same_rows=[(1, 1)], after=[2])]


@pytest.mark.parametrize('back', [lambda t: t.revert(), lambda t: pxt.restore(t, version=4)], ids=['revert', 'restore'])
def test_segments_that_came_back_are_the_same(t, back: Callable[[pxt.Table], object]) -> None:
    t.delete(t.k % 50 == 1)
    t.delete()
    back(t)
    assert list(stretches(t._source(), t.at(4)._source())) == []
    assert len(list(stretches(t._source(), t.at(3)._source()))) == 3


def test_an_added_file_makes_a_pair(t) -> None:
    t.add_computed_column(double=t.k * 2)
    assert between(t, 3, 4) == [Stretch(same_rows=[(place, place)]) for place in range(3)]
