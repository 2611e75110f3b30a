"""Every function of images gives what Pillow gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image
import PIL.ImageChops
import pytest

import pixeltable as pxt
from pixeltable.functions import image as pxti

RGB = PIL.Image.effect_noise((40, 30), 80).convert('RGB')
RGBA = RGB.convert('RGBA')
MASK = RGB.convert('L')
SAME: dict[str, tuple[Callable[[Any], Any], Callable[[PIL.Image.Image], Any]]] = {
    'convert': (lambda c: c.convert('L'), lambda i: i.convert('L')),
    'crop': (lambda c: c.crop((1, 2, 20, 25)), lambda i: i.crop((1, 2, 20, 25))),
    'getchannel': (lambda c: c.getchannel(1), lambda i: i.getchannel(1)),
    'point': (lambda c: c.point([255 - v for v in range(256)] * 3), lambda i: i.point(lambda v: 255 - v)),
    'resize': (lambda c: c.resize((7, 9)), lambda i: i.resize((7, 9))),
    'rotate': (lambda c: c.rotate(33), lambda i: i.rotate(33)),
    'transpose': (lambda c: c.transpose(2), lambda i: i.transpose(PIL.Image.Transpose.ROTATE_90)),
    'reduce': (lambda c: c.reduce(3), lambda i: i.reduce(3)),
    'quantize': (lambda c: c.quantize(8), lambda i: i.quantize(8)),
    'thumbnail': (lambda c: c.thumbnail((20, 20)), lambda i: thumbnail(i, (20, 20))),
    'exif_transpose': (lambda c: c.exif_transpose(), lambda i: i),
    'blend': (lambda c: c.blend(c.rotate(90), 0.5), lambda i: PIL.Image.blend(i, i.rotate(90), 0.5)),
    'composite': (
        lambda c: c.composite(c.rotate(90), c.convert('L')),
        lambda i: PIL.Image.composite(i, i.rotate(90), i.convert('L')),
    ),
    'alpha_composite': (
        lambda c: pxti.alpha_composite(c.convert('RGBA'), c.convert('RGBA').rotate(9)),
        lambda i: PIL.Image.alpha_composite(i.convert('RGBA'), i.convert('RGBA').rotate(9)),
    ),
    'entropy': (lambda c: c.entropy(), lambda i: i.entropy()),
    'getbands': (lambda c: c.getbands(), lambda i: list(i.getbands())),
    'getbbox': (lambda c: c.getbbox(), lambda i: list(i.getbbox() or ())),
    'getcolors': (lambda c: c.convert('1').getcolors(), lambda i: [list(x) for x in i.convert('1').getcolors() or []]),
    'getextrema': (lambda c: c.getextrema(), lambda i: [list(pair) for pair in i.getextrema()]),
    'getpalette': (lambda c: c.getpalette(), lambda i: None),
    'getpixel': (lambda c: c.getpixel([3, 4]), lambda i: list(i.getpixel((3, 4)))),
    'getpixel of one band': (lambda c: c.convert('L').getpixel([3, 4]), lambda i: i.convert('L').getpixel((3, 4))),
    'getprojection': (lambda c: c.getprojection(), lambda i: [list(x) for x in i.getprojection()]),
    'histogram': (lambda c: c.histogram(), lambda i: i.histogram()),
    'width': (lambda c: c.width, lambda i: 40),
    'height': (lambda c: c.height, lambda i: 30),
    'mode': (lambda c: c.mode, lambda i: 'RGB'),
    'size': (lambda c: c.size, lambda i: [40, 30]),
}


def thumbnail(image: PIL.Image.Image, size: tuple[int, int]) -> PIL.Image.Image:
    image = image.copy()
    image.thumbnail(size, PIL.Image.Resampling.LANCZOS)
    return image


@pytest.fixture(autouse=True)
def _fresh_home(home: Path) -> None:
    pass


@pytest.fixture
def table(tmp_path: Path) -> Any:
    RGB.save(tmp_path / 'a.png')
    t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image | None})
    t.insert([{'k': 1, 'img': tmp_path / 'a.png'}, {'k': 2, 'img': None}])
    return t


@pytest.mark.parametrize('name', SAME)
def test_same_as_pillow(name: str, table) -> None:
    ours, theirs = SAME[name]
    expected = theirs(RGB)
    rows = table.select(table.k, out=ours(table.img)).order_by(table.k).collect()
    found = rows[0]['out']
    assert rows[1]['out'] is None
    if isinstance(expected, PIL.Image.Image):
        assert (found.mode, found.size) == (expected.mode, expected.size)
        assert np.array_equal(np.asarray(found), np.asarray(expected))
    else:
        assert found == expected


def test_metadata_and_base64(table) -> None:
    row = table.select(table.img.get_metadata(), table.img.b64_encode('jpeg')).limit(1).collect()[0]
    assert row['get_metadata'] == {'width': 40, 'height': 30, 'mode': 'RGB', 'bits': 8, 'format': 'PNG'}
    assert row['b64_encode'].startswith('/9j/')


def test_types(table) -> None:
    t = pxt.create_table('u', {'img': pxt.Image[(200, 100), 'RGB']})
    assert str(t.img.resize((10, 20)).col_type) == "Image[(10, 20), 'RGB']"
    assert str(t.img.convert('L').rotate(90).col_type) == "Image[(200, 100), 'L']"
    assert str(t.img.transpose(2).col_type) == "Image[(100, 200), 'RGB']"
    assert str(t.img.crop((0, 0, 5, 6)).getchannel(0).col_type) == "Image[(5, 6), 'L']"
    assert str(table.img.resize((10, 20)).col_type) == 'Image[(10, 20)] | None'


def test_spread_is_random(table) -> None:
    assert table.select(out=table.img.effect_spread(3)).limit(1).collect()[0]['out'].size == (40, 30)


def test_small_pictures_of_large_jpegs(tmp_path: Path) -> None:
    large = RGB.resize((800, 600))
    large.save(tmp_path / 'a.jpg', quality=95)
    t = pxt.create_table('u', {'img': pxt.Image})
    t.insert(img=tmp_path / 'a.jpg')
    row = t.select(a=t.img.resize((80, 60)), b=t.img.thumbnail((80, 80))).collect()[0]
    assert (row['a'].size, row['b'].size) == ((80, 60), (80, 60))
    with PIL.Image.open(tmp_path / 'a.jpg') as image:
        difference = PIL.ImageChops.difference(image.resize((80, 60)), row['a'])
    assert np.asarray(difference).mean() < 3


def test_to_video(table) -> None:
    film = table.select(film=table.img.to_video(duration=0.5, fps=10)).limit(1).collect()[0]['film']
    with av.open(film) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, sum(1 for _ in container.decode(stream))) == (40, 30, 5)
    with pytest.raises(pxt.RequestError, match=r'duration and fps are above 0, not 0\.0 and 24'):
        table.select(table.img.to_video(duration=0.0)).collect()


@pytest.mark.parametrize(
    'call', [lambda c: c.resize('x'), lambda c: c.rotate('x'), lambda c: c.crop(5), lambda c: c.convert()]
)
def test_wrong_arguments(call, table) -> None:
    with pytest.raises(pxt.Error):
        call(table.img)


@pytest.mark.parametrize(
    ('call', 'message'),
    [
        (lambda c: c.crop([1, 2, 3]), r"crop\(\): parameter 'box' takes 4 numbers, not \[1, 2, 3\]"),
        (lambda c: c.resize(['a', 1]), r"resize\(\): parameter 'size' takes 2 numbers, not \['a', 1\]"),
        (lambda c: c.thumbnail(5), r"thumbnail\(\): parameter 'size' takes 2 numbers, not \[5\]"),
        (lambda c: c.transpose(7), r"transpose\(\): parameter 'method' is one of 0, 1, .*, not 7"),
    ],
)
def test_numbers_that_do_not_fit(call, message, table) -> None:
    with pytest.raises(pxt.RequestError, match=message):
        call(table.img)


def test_a_call_that_fails(table) -> None:
    with pytest.raises(pxt.RequestError, match='failed'):
        table.select(table.img.getchannel(7)).collect()
