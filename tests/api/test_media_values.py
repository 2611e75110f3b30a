"""What media columns take, where it goes, and what happens to what cannot be read."""

from __future__ import annotations

import base64
import io
import os
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


@pytest.fixture
def bad_files(tmp_path: Path, picture) -> dict[str, Path]:
    content = png(picture)
    flipped = bytearray(content)
    flipped[len(flipped) // 2] ^= 4
    jpeg = io.BytesIO()
    picture.save(jpeg, 'JPEG')
    contents = {
        'empty.png': b'',
        'truncated.png': content[: len(content) // 2],
        'truncated.jpg': jpeg.getvalue()[: len(jpeg.getvalue()) // 2],
        'flipped.png': bytes(flipped),
        'text.jpg': b'I am text',
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in contents}


def test_bad_images_are_errors_of_their_cells(bad_files, picture) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    rows = [{'k': number, 'img': path} for number, path in enumerate(bad_files.values())]
    with pytest.warns(pxt.PixeltableWarning, match='5 cells failed'):
        status = t.insert([*rows, {'k': 99, 'img': picture}])
    assert (status.num_rows, status.num_excs) == (6, 5)
    found = t.select(t.k, t.img.errortype, t.img.errormsg, ok=t.img != None).order_by(t.k).collect()  # noqa: E711
    assert [row['ok'] for row in found] == [False] * 5 + [True]
    assert all('cannot be read as an image' in row['img_errormsg'] for row in found[:5])
    assert t.where(t.img.errortype == 'RequestError').count() == 5


def test_abort_inserts_nothing(bad_files, picture) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    with pytest.raises(pxt.RequestError, match=r"column 'img', row 1: .*truncated\.png") as raised:
        t.insert([{'img': picture}, {'img': bad_files['truncated.png']}], on_error='abort')
    assert raised.value.error_code is pxt.ErrorCode.INVALID_DATA_FORMAT
    assert t.count() == 0


def test_what_reads_a_bad_image_fails_too(bad_files) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    t.add_computed_column(small=t.img.resize((4, 4)))
    with pytest.warns(pxt.PixeltableWarning):
        t.insert(img=bad_files['text.jpg'])
    assert t.select(t.small.errortype).collect()['small_errortype'] == ['InputError']


def test_the_wrong_name_does_not_matter(picture, tmp_path: Path) -> None:
    path = tmp_path / 'a.jpg'
    path.write_bytes(png(picture))
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert(img=path)
    assert t.collect()['img'][0].format == 'PNG'


def test_on_read_nothing_is_looked_at(bad_files) -> None:
    t = pxt.create_table('t', {'img': pxt.Image}, media_validation='on_read')
    t.insert(img=bad_files['text.jpg'])
    with pytest.warns(pxt.PixeltableWarning, match='cannot be read as an image'):
        t.add_computed_column(small=t.img.resize((4, 4)))
    assert t.select(t.small.errormsg).collect()['small_errormsg'][0].endswith('its format is not known.')


def test_a_bomb(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / 'bomb.png'
    PIL.Image.new('1', (3000, 3000)).save(path)
    monkeypatch.setattr(PIL.Image, 'MAX_IMAGE_PIXELS', 1_000_000)
    t = pxt.create_table('t', {'img': pxt.Image})
    with pytest.warns(pxt.PixeltableWarning, match='decompression bomb'):
        t.insert(img=path)


@pytest.mark.parametrize('make', [os.mkdir, os.mkfifo])
def test_no_regular_file(make, tmp_path: Path) -> None:
    make(tmp_path / 'x')
    t = pxt.create_table('t', {'img': pxt.Image})
    with pytest.raises(pxt.RequestError, match='there is no file'):
        t.insert(img=tmp_path / 'x')


def test_names_of_any_bytes(picture, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b'/\xff\xfe%#?.png')
    picture.save(path)
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert(img=Path(path))
    assert t.collect()['img'][0].size == (40, 30)
    with pytest.raises(pxt.RequestError, match='there is no file'):
        t.insert(img='x' * 5000)


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
