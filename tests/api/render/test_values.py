from __future__ import annotations

import datetime
import uuid
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixeltable.api.render.values import Media, cell_text, printable

MOMENT = datetime.datetime(2024, 5, 1, 12, 0, 3, 999999, datetime.UTC)


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        (None, 'None'),
        ('None', "'None'"),
        ('', "''"),
        ('a\nb', 'a\\nb'),
        ('\x1b[31mred', '\\x1b[31mred'),
        ('a\u202eb', 'a\\u202eb'),
        ('\ud800', '\\ud800'),
        ('a\u00a0b', 'a b'),
        (True, 'True'),
        (0.1, '0.1'),
        (1 / 3, '0.333333'),
        (123456.789012, '123456.79'),
        (1e300, '1e+300'),
        (2.0000000001, '2.0'),
        (float('nan'), 'nan'),
        (MOMENT, '2024-05-01 12:00:03'),
        (MOMENT.date(), '2024-05-01'),
        (uuid.UUID(int=1), '00000000-0000-0000-0000-000000000001'),
        (b'\x00a', "b'\\x00a'"),
        ({'a': [1, None, 'ü"']}, '{"a": [1, null, "ü\\""]}'),
        (np.array([0.12, -0.034, 0.5, 7], 'float32'), 'array(4) [0.12, -0.034, 0.5, …]'),
        (np.zeros((0, 2)), 'array(0, 2) []'),
        (np.array(['x']), 'array(1) ["x"]'),
        (np.float32(0.5), '0.5'),
        (Image.new('RGB', (4, 3)), 'image(4×3, RGB)'),
        (Media('Image', 'file:///a/my%20cat.jpg'), 'my cat.jpg'),
        (Media('Image', f'file:///a/{"0123456789abcdef" * 4}.png#xywh=0,0,4,4'), '01234567….png#xywh=0,0,4,4'),
        (Media('Image', 'https://example.org/'), 'https://example.org/'),
        (object, '<type>'),
    ],
)
def test_text(value: Any, text: str) -> None:
    assert cell_text(value) == text


def test_number_that_python_does_not_print() -> None:
    assert cell_text(10**5000) == '<int of 16610 bits>'
    assert cell_text([10**5000]) == '[<int of 16610 bits>]'


def test_long_text_is_cut() -> None:
    assert cell_text('x' * 100, 10) == 'x' * 9 + '…'


def test_large_json_is_not_visited() -> None:
    endless: list[Any] = [0]
    endless.append(endless)
    assert cell_text(endless, 80).startswith('[0, [0, [0')
    assert len(cell_text([0] * 1_000_000, 80)) == 80


@given(st.text(st.characters()))
def test_text_can_be_printed(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert shown.replace('\u200d', '').isprintable()
