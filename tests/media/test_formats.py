"""What Pillow reads: modes and formats, through a table and back."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageCms
import PIL.ImageOps
import pytest

import pixeltable as pxt
from pixeltable.media.encoding import encode
from pixeltable.media.images import open_content, open_image

RAMP = np.arange(32 * 16, dtype=np.uint16).reshape(16, 32) * 100


@pytest.fixture
def t(home: Path) -> pxt.Table:
    return pxt.create_table('t', {'img': pxt.Image})


def of_mode(mode: str) -> PIL.Image.Image:
    noise = PIL.Image.effect_noise((32, 16), 90).convert('RGB')
    if mode == 'I;16':
        return PIL.Image.fromarray(RAMP)
    if mode == 'P transparent':
        image = noise.quantize(16)
        image.info['transparency'] = 3
        return image
    if mode == 'RGBA':
        noise.putalpha(PIL.Image.linear_gradient('L').resize((32, 16)))
        return noise
    return noise.convert('L').convert(mode) if mode in ('I', 'F', '1') else noise.convert(mode)


FILES = [
    ('a.png', 'I;16'), ('b.tiff', 'I;16'), ('c.jpg', 'CMYK'), ('d.tiff', 'CMYK'), ('e.png', 'P'), ('f.gif', 'P'),
    ('g.png', 'P transparent'), ('h.png', 'RGBA'), ('i.webp', 'RGBA'), ('j.png', 'LA'), ('k.png', '1'), ('l.tiff', 'F'),
    ('m.bmp', 'RGB'), ('n.ppm', 'RGB'), ('o.avif', 'RGB'), ('p.tga', 'RGBA'), ('q.ico', 'RGBA'),
    ('r.jp2', 'RGB'), ('s.dds', 'RGBA'),
]  # fmt: skip


@pytest.mark.parametrize(('name', 'mode'), FILES)
def test_a_file_is_what_pillow_makes_of_it(t: pxt.Table, tmp_path: Path, name: str, mode: str) -> None:
    path = tmp_path / name
    of_mode(mode).save(path)
    t.insert([{'img': path}, {'img': path.read_bytes()}])
    with PIL.Image.open(path) as expected:
        for image in t.collect()['img']:
            assert (image.mode, image.size, image.format) == (expected.mode, expected.size, expected.format)
            assert image.tobytes() == expected.tobytes()
            assert image.getpalette() == expected.getpalette()


@pytest.mark.parametrize('mode', ['I;16', 'I', 'F', 'CMYK', 'P', 'P transparent', 'RGBA', 'LA', '1', 'L'])
def test_a_picture_in_memory_comes_back_as_it_was(t: pxt.Table, mode: str) -> None:
    image = of_mode(mode)
    t.insert(img=image)
    found = t.collect()[0, 'img']
    assert (found.mode, found.tobytes(), found.getpalette()) == (image.mode, image.tobytes(), image.getpalette())
    assert found.convert('RGBA').tobytes() == image.convert('RGBA').tobytes()


def test_animations(t: pxt.Table, tmp_path: Path) -> None:
    frames = [PIL.Image.new('RGB', (8, 8), color) for color in ('red', 'lime', 'blue')]
    path = tmp_path / 'a.gif'
    frames[0].save(path, save_all=True, append_images=frames[1:])
    with PIL.Image.open(path) as opened:
        opened.seek(2)
        t.insert([{'img': path}, {'img': path.read_bytes()}, {'img': opened}])
    whole, copied, one = t.collect()['img']
    assert (whole.n_frames, copied.n_frames, getattr(one, 'n_frames', 1)) == (3, 3, 1)
    whole.seek(1)
    assert whole.convert('RGB').getpixel((0, 0)) == (0, 255, 0)
    assert one.convert('RGB').getpixel((0, 0)) == (0, 0, 255)


@pytest.mark.parametrize('mode', ['RGB', 'L'])
def test_orientation_is_kept_and_can_be_applied(t: pxt.Table, tmp_path: Path, mode: str) -> None:
    path = tmp_path / 'a.jpg'
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    of_mode('RGB').convert(mode).save(path, exif=exif)
    with PIL.Image.open(path) as opened:
        t.insert([{'img': path}, {'img': opened}])
        upright = PIL.ImageOps.exif_transpose(opened)
    t.add_computed_column(up=t.img.exif_transpose())
    for row in t.collect():
        assert (row['img'].size, row['img'].getexif()[0x0112]) == ((32, 16), 6)
        assert (row['up'].size, row['up'].tobytes()) == ((16, 32), upright.tobytes())
        assert 0x0112 not in row['up'].getexif()


@pytest.mark.parametrize('format_', [None, 'png', 'tiff', 'jpeg', 'webp', 'avif'])
def test_the_colour_profile_is_kept(format_: str | None) -> None:
    image = of_mode('RGB')
    image.info['icc_profile'] = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile('sRGB')).tobytes()
    found = open_content(encode(image, format_, 90 if format_ == 'jpeg' else None)[0])
    assert found.info['icc_profile'] == image.info['icc_profile']


@pytest.fixture
def heic(tmp_path: Path) -> Path:
    heif = pytest.importorskip('pillow_heif')
    path = tmp_path / 'a.heic'
    heif.from_pillow(PIL.Image.linear_gradient('L').convert('RGB')).save(path, quality=-1)
    return path


def test_heif(t: pxt.Table, heic: Path) -> None:
    t.insert([{'img': heic}, {'img': heic.read_bytes()}])
    t.add_computed_column(small=t.img.resize((32, 32)))
    rows = t.select(t.img, t.small, t.img.width, t.img.localpath).collect()
    assert rows['width'] == [256, 256]
    assert [(image.format, image.mode, image.size) for image in rows['img']] == [('HEIF', 'RGB', (256, 256))] * 2
    assert abs(rows[0, 'img'].getpixel((0, 200))[0] - 200) < 3
    assert rows[1, 'img_localpath'].endswith('.heic')


def test_a_damaged_heif(t: pxt.Table, heic: Path) -> None:
    heic.write_bytes(heic.read_bytes()[:200])
    with pytest.raises(pxt.RequestError, match='cannot be read as an image') as raised:
        t.insert([{'img': heic}], on_error='abort')
    assert raised.value.error_code is pxt.ErrorCode.INVALID_DATA_FORMAT


def test_heif_without_its_package(heic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PIL.Image.init()
    monkeypatch.setattr(PIL.Image, 'ID', [each for each in PIL.Image.ID if each not in ('HEIF', 'AVIF')])
    monkeypatch.setitem(sys.modules, 'pillow_heif', None)
    with pytest.raises(pxt.RequestError, match=r'pixeltable\[heif\]') as raised:
        open_image(str(heic))
    assert raised.value.error_code is pxt.ErrorCode.INVALID_CONFIGURATION
    with pytest.raises(pxt.RequestError, match='format is not known'):
        open_content(io.BytesIO(b'\0\0\0\x18ftypqt  and so on').getvalue())
