from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixeltable.api.render import html
from pixeltable.api.render.values import LIMIT, Media, cell_text


class Parsed(HTMLParser):
    """The tags, attributes and texts of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(attrs)
        self.texts.append('')

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data


@given(st.text(), st.text(max_size=LIMIT))
def test_text_stays_text(name: str, value: str) -> None:
    parsed = Parsed(html.table([name], [[value]]))
    assert parsed.tags == ['table', 'thead', 'tr', 'th', 'tbody', 'tr', 'td']
    assert parsed.texts[-1] == cell_text(value, keep='\n\t')


@given(st.text(), st.sampled_from(['Image', 'Video']))
def test_references_stay_attributes(reference: str, kind: str) -> None:
    parsed = Parsed(html.table(['m'], [[Media(kind, f'https://{reference}')]]))
    assert set(parsed.attributes) <= {'style', 'href'}


def test_no_script_links() -> None:
    assert 'href' not in html.table(['m'], [[Media('Video', 'javascript:alert(1)')]])


def test_numbers_are_right_aligned_and_none_differs() -> None:
    text = html.table(['n'], [[1], ['a'], [None]])
    assert [*re.findall('text-align:(right|left)">', text)] == ['right', 'left', 'left']
    assert '>None</span>' in text


@pytest.mark.parametrize(
    ('mode', 'kind'), [('RGB', 'jpeg'), ('RGBA', 'png'), ('CMYK', 'jpeg'), ('L', 'jpeg'), ('1', 'jpeg')]
)
def test_thumbnails(mode: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / 'a "b".tiff'
    Image.new(mode, (640, 320)).save(path)
    parsed = Parsed(html.table(['i'], [[Media('Image', f'file://{path}')]]))
    prefix, data = str(parsed.attributes['src']).split(',')
    assert prefix == f'data:image/{kind};base64'
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (160, 80)
    assert parsed.attributes['alt'] == 'a "b".tiff'


def test_image_values() -> None:
    image = Image.new('P', (10, 10))
    assert '<img src="data:image/jpeg' in html.table(['i'], [[image]])
    assert image.mode == 'P'


@pytest.mark.parametrize(
    ('dtype', 'values'),
    [
        ('uint16', [0, 30_000, 60_000]),
        ('int32', [-9, 0, 70_000]),
        ('float32', [-0.5, 0.0, 0.5]),
        ('float32', [0.0, np.inf, np.nan]),
        ('float32', [np.nan] * 3),
    ],
)
def test_pictures_of_many_bits_are_not_white(dtype: str, values: list[float]) -> None:
    image = Image.fromarray(np.array([values] * 8, dtype=dtype))
    data = str(Parsed(html.table(['i'], [[image]])).attributes['src']).partition(',')[2]
    shown = Image.open(io.BytesIO(base64.b64decode(data))).convert('L')
    assert shown.getpixel((0, 0)) < 20


@pytest.mark.parametrize('content', [None, b'', b'no image', b'\x89PNG\r\n\x1a\n0000'])
def test_unreadable_images_say_why(content: Any, tmp_path: Path) -> None:
    path = tmp_path / 'broken.png'
    if content is not None:
        path.write_bytes(content)
    text = html.table(['i'], [[Media('Image', f'file://{path}')]])
    assert '<img' not in text
    assert 'broken.png: ' in text


def test_rest_is_counted() -> None:
    assert '… 2 more rows' in html.table(['n'], [[n] for n in range(42)])
    assert '(no rows)' in html.table(['n'], [])
