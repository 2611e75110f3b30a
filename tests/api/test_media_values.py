"""What media columns take, where it goes, and what happens to what cannot be read."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture
def picture() -> PIL.Image.Image:
    return PIL.Image.effect_noise((40, 30), 80).convert('RGB')


def png(image: PIL.Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, 'PNG')
    return file.getvalue()


def test_all_ways_to_give_an_image(picture, tmp_path: Path) -> None:
    path = tmp_path / 'a b.png'
    picture.save(path)
    url = 'data:image/png;base64,' + base64.b64encode(png(picture)).decode()
    given: list[Any] = [str(path), path, path.as_uri(), url, png(picture), bytearray(png(picture)), picture]
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert([{'img': each} for each in given])
    assert all(image.tobytes() == picture.tobytes() for image in t.collect()['img'])
    places = t.select(t.img.localpath).collect()['img_localpath']
    assert places[:3] == [str(path)] * 3
    assert len(set(places[3:6])) == 1  # the same content is stored once
    assert Path(places[3]).read_bytes() == png(picture)


def test_bytes_of_other_media(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'doc': pxt.Document})
    t.insert(doc=b'# A title\n\nand text')
    path = t.collect()['doc'][0]
    assert Path(path).read_bytes() == b'# A title\n\nand text'


@pytest.mark.parametrize(
    ('value', 'words'),
    [(5, 'cannot store 5'), ('data:image/png;base64,%%', 'not base64'), ('data:', 'no comma'), (['a'], 'cannot store')],
)
def test_what_is_no_media(value, words: str) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    with pytest.raises(pxt.RequestError, match=words) as raised:
        t.insert([{'img': value}])
    assert raised.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION


def test_a_picture_is_no_video(picture) -> None:
    t = pxt.create_table('t', {'clip': pxt.Video})
    with pytest.raises(pxt.RequestError, match='as Video'):
        t.insert(clip=picture)


def test_a_file_that_is_gone(picture, tmp_path: Path) -> None:
    path = tmp_path / 'a.png'
    picture.save(path)
    t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    t.insert([{'k': 1, 'img': path}, {'k': 2, 'img': picture}])
    path.unlink()
    with pytest.warns(pxt.PixeltableWarning, match='is not there any more'):
        t.add_computed_column(wide=t.img.rotate(90))
    assert t.select(t.k, t.wide.errortype).order_by(t.k).collect()['wide_errortype'] == ['NotFoundError', None]


def test_functions_take_and_give_images(picture) -> None:
    @pxt.udf
    def inverted(image: PIL.Image.Image) -> PIL.Image.Image:
        image.paste('white', (0, 0, *image.size))  # in place, which others must not see
        return image

    @pxt.udf
    def mean(image: PIL.Image.Image) -> float:
        return float(np.asarray(image).mean())

    t = pxt.create_table('t', {'img': pxt.Image | None})
    t.add_computed_column(white=inverted(t.img))
    t.add_computed_column(mean=mean(t.img))
    t.insert([{'img': picture}, {'img': None}])
    row = t.collect()[0]
    assert row['mean'] == np.asarray(picture).mean()
    assert row['white'].getpixel((3, 3)) == (255, 255, 255)
    assert t.select(t.white.localpath).collect()['white_localpath'][0].endswith('.webp')
    assert t.select(mean(inverted(t.img)), mean(t.img)).collect()[0] == {'mean': 255.0, 'mean_1': row['mean']}
    assert t.collect()[1] == {'img': None, 'white': None, 'mean': None}


def test_compute_stores_nothing(picture) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    t.add_computed_column(small=t.img.resize((4, 3)))
    assert t.compute([{'img': picture}])[0]['small'].size == (4, 3)
    assert list(pxt.home().rglob('*.webp')) == []


def test_update(picture) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    t.insert([{'k': k, 'img': picture} for k in range(2)])
    t.update({'img': t.img.rotate(90)}, where=t.k == 0)
    t.update({'img': PIL.Image.new('RGB', (3, 2))}, where=t.k == 1)
    found = t.order_by(t.k).collect()['img']
    assert np.array_equal(np.asarray(found[0]), np.asarray(picture.rotate(90)))
    assert found[1].size == (3, 2)
    assert all(t.select(t.img.localpath).collect()['img_localpath'])
