"""`astype` from paths and URLs to media."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture
def t(tmp_path: Path) -> pxt.Table:
    PIL.Image.new('RGB', (3, 2)).save(tmp_path / 'a.png')
    table = pxt.create_table('t', {'j': pxt.Json | None, 's': pxt.String | None})
    table.insert([{'j': {'images': [(tmp_path / 'a.png').as_uri()]}, 's': str(tmp_path / 'a.png')}, {}])
    return table


def test_text_and_json_become_images(t) -> None:
    t.add_computed_column(of_json=t.j.images[0].astype(pxt.Image))
    t.add_computed_column(of_text=t.s.astype(pxt.Image))
    found = t.select(a=t.of_json.width, b=t.of_text.height, url=t.of_text.fileurl).collect()
    assert (found['a'], found['b']) == ([3, None], [2, None])
    assert found['url'][0] == t.where(t.s != None).collect()['j'][0]['images'][0]  # noqa: E711  a reference, no copy


def test_an_image_inside_of_json_is_one(t) -> None:
    red = PIL.Image.new('RGB', (4, 4), 'red')
    t.insert([{'j': {'images': [red]}}])
    t.add_computed_column(a=t.j.images[0].astype(pxt.Image))
    last = t.select(t.a, t.a.fileurl, turned=t.j.images[0].astype(pxt.Image).rotate(90)).tail(1)[0]
    assert (last['a'].getpixel((0, 0)), last['turned'].size) == ((255, 0, 0), (4, 4))
    assert last['a_fileurl'].startswith('file:')  # it is stored


def test_what_is_no_place_is_an_error(t) -> None:
    with pytest.raises(pxt.Error, match='in Json is not of type Image'):
        t.select(t.j.images.astype(pxt.Image)).collect()
    with pytest.raises(pxt.Error, match='there is no file'):
        t.select((t.s + 'x').astype(pxt.Document)).collect()
    with pytest.raises(pxt.Error, match='a Int cannot be converted'):
        t.id.astype(pxt.Video)
