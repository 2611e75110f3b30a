"""Stored media of the newest golden home, what was computed from them, and frames."""

from __future__ import annotations

from pathlib import Path

import pytest

import pixeltable as pxt
from pixeltable.catalog.migrations import FORMAT_VERSION
from pixeltable.functions.video import make_video

pytestmark = pytest.mark.parametrize('old_home', [f'format_{FORMAT_VERSION}'], indirect=True)


def test_pictures_are_read_in_each_version(old_home: str) -> None:
    for path, reds in (('media', [180, 20, 40, 60]), ('media:1', [0, 20, 40, 60])):
        t = pxt.get_table(path)
        images = t.order_by(t.id).collect()['img']
        assert [(image.format, image.size, image.getpixel((0, 0))) for image in images] == [
            ('PNG', (16, 12), (red, 100, 200)) for red in reds
        ]


def test_what_was_computed_is_read(old_home: str) -> None:
    t = pxt.get_table('media')
    rows = t.order_by(t.id).collect()
    assert [(image.format, image.size) for image in rows['small']] == [('WEBP', (8, 6))] * 4
    assert [image.getpixel((0, 0))[0] for image in rows['small']] == [180, 20, 40, 60]
    assert [(image.format, image.size) for image in rows['corner']] == [('BMP', (4, 4))] * 4
    assert [image.format for image in rows['pale']] == ['JPEG'] * 4


def test_frames_are_decoded_from_the_stored_film(old_home: str) -> None:
    view = pxt.get_table('frames')
    rows = view.order_by(view.pos).select(view.frame, view.wide).collect()
    lights = [image.convert('L').getpixel((8, 8)) for image in rows['frame']]
    assert rows['wide'] == [32] * 4
    assert lights == sorted(lights)
    assert lights[0] < 20 < 150 < lights[-1]
    film = view.select(film=make_video(view.pos, view.frame, fps=2)).collect()[0, 'film']
    assert Path(film).stat().st_size > 0


def test_work_goes_on(old_home: str, tmp_path: Path) -> None:
    t = pxt.get_table('media')
    film = t.where(t.film != None).collect()[0, 'film']  # noqa: E711
    t.insert(img=(pxt.get_table('media:1').collect()[0, 'img']), film=film)
    assert pxt.get_table('frames').count() == 8
    t.delete(t.id < 5)
    assert pxt.get_table('frames').count() == 4
    pxt.vacuum(retain=1)
    assert pxt.verify(sample=100).problems == ()
    assert t.collect()['small'][0].size == (8, 6)
