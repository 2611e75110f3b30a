from __future__ import annotations

import numpy as np
import pytest

from pixeltable._support.words import counted, shown


def test_numbers_of_things() -> None:
    assert [counted(number, 'row') for number in (0, 1, 2000)] == ['0 rows', '1 row', '2,000 rows']


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        (None, 'None'),
        ('a\nb', r"'a\nb'"),
        (np.array([[1], [2]]), 'array([[1], [2]])'),
        (list(range(100)), f'[{", ".join(map(str, range(20)))}, ...]'),
    ],
)
def test_a_value_in_a_message(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_number_that_python_does_not_print() -> None:
    assert shown(10**5000) == 'a int'


@pytest.mark.parametrize('value', ['x' * 1000, b'x' * 1000, ['x' * 50] * 50, {'k' * 200: 1}])
def test_a_long_value_is_shown_in_part(value: object) -> None:
    assert len(shown(value)) == 81
    assert shown(value).endswith('…')
