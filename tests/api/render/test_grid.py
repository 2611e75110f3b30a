from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pixeltable.api.render.grid import grid
from pixeltable.api.render.layout import width_of

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes(timezones=st.timezones())
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.uuids()
    | st.complex_numbers()
    | st.sampled_from([object(), int, ...])
    | arrays.arrays(arrays.scalar_dtypes(), arrays.array_shapes(min_dims=0, min_side=0)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.tuples(st.integers()), inner) | st.tuples(inner),
    max_leaves=8,
)


def test_expected() -> None:
    moment = datetime.datetime(2024, 5, 1, 12, 30, 15, 123456, datetime.UTC)
    rows: list[list[Any]] = [
        [1, 'Moby Dick; or, The Whale', 0.5, moment, {'tags': ['sea', 'whale']}, np.array([0.12, -0.03, 1, 2])],
        [20, '吾輩は猫である', 1234.56789012, None, None, None],
        [300, 'None', None, moment, [], np.zeros(384)],
    ]
    expected = """
 id  title                      score  at                   info                      vector
───  ───────────────────────  ───────  ───────────────────  ────────────────────────  ────────────────────────
  1  Moby Dick; or, The Wha…      0.5  2024-05-01 12:30:15  {"tags": ["sea", "whale…  array(4) [0.12, -0.03, …
 20  吾輩は猫である           1234.57  None                 None                      None
300  'None'                      None  2024-05-01 12:30:15  []                        array(384) [0, 0, 0, …]
… 997 more rows
"""
    assert grid(['id', 'title', 'score', 'at', 'info', 'vector'], rows, total=1000, width=110) == expected.strip('\n')


@given(st.lists(st.tuples(ANYTHING, ANYTHING), max_size=5), st.text(), st.integers(20, 120))
def test_any_value_is_shown_within_the_width(rows: list[tuple[Any, Any]], name: str, width: int) -> None:
    lines = grid([name, 'b'], rows, width=width).split('\n')
    assert max(map(width_of, lines)) <= width
    assert len(lines) == 2 + max(1, len(rows))


@pytest.mark.parametrize(('total', 'last'), [(40, '39'), (41, '… 1 more row'), (1000, '… 960 more rows')])
def test_forty_rows(total: int, last: str) -> None:
    assert grid(['n'], [[n] for n in range(40)], total=total).split('\n')[-1].strip() == last


def test_columns_that_do_not_fit_are_named() -> None:
    lines = grid(['alpha', 'beta', 'gamma'], [['x' * 10] * 3], width=20).split('\n')
    assert lines == ['alpha      beta', '─────────  ─────────', 'xxxxxxxx…  xxxxxxxx…', '… 1 more column: ga…']


def test_columns_have_room_to_be_read() -> None:
    lines = grid([f'c{n}' for n in range(9)], [[1, *['x' * 30] * 8]], width=80).split('\n')
    assert lines[2].split() == ['1', *['x' * 10 + '…'] * 6]
    assert lines[3] == '… 2 more columns: c7, c8'


def test_nothing() -> None:
    assert grid(['n'], []) == 'n\n─\n(no rows)'
    assert grid([], [], total=3) == '3 rows without columns'
