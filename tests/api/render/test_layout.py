from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pixeltable.api.render.layout import aligned, columns_that_fit, cut, fit, pad, width_of


def test_wide_characters_take_two_columns() -> None:
    assert width_of('日本') == 4
    assert width_of('e\u0301') == 1
    assert pad('日', 4) == '日  '
    assert cut('日本語', 4) == '日…'


@given(st.text(max_size=30), st.integers(1, 40))
def test_cut_fits(text: str, width: int) -> None:
    assert width_of(cut(text, width)) <= width


def test_cut_keeps_what_fits() -> None:
    assert cut('abc', 3) == 'abc'
    assert cut('abcd', 3) == 'ab…'


def test_narrow_columns_keep_their_width() -> None:
    assert fit([3, 100, 50], 43) == [3, 20, 20]
    assert fit([3, 4], 80) == [3, 4]


@given(st.lists(st.integers(1, 200), min_size=1, max_size=8), st.integers(10, 100))
def test_widths_sum_to_what_is_available(natural: list[int], available: int) -> None:
    assert sum(fit(natural, available)) <= available


def test_columns_that_fit() -> None:
    assert columns_that_fit([6, 6, 6], 22) == 3
    assert columns_that_fit([6, 6, 6], 21) == 2
    assert columns_that_fit([50], 3) == 1


def test_wrapped() -> None:
    assert aligned(['a', 'b'], [['x', 'one two three']], width=14, wrap=True) == [
        'a  b',
        '─  ───────────',
        'x  one two',
        '   three',
    ]
