from __future__ import annotations

import datetime
import gc
import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from pixeltable.api.default import session
from pixeltable.api.results import ResultSet
from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.media.images import open_image
from pixeltable.types import column_type as ct
from pixeltable.types.column_type import ColumnType

REMOTE = 'https://example.org/a.png'


def media(type_: ColumnType, *references: str | None) -> ResultSet:
    library = session().engine.context.services.library
    return ResultSet(pa.table({'m': pa.array(references, pa.string())}), {'m': type_}, datetime.UTC, library)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / 'a picture.png'
    Image.fromarray(np.arange(192, dtype='uint8').reshape(8, 8, 3)).save(path)
    return path


@pytest.fixture
def _few_files() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def reference(path: Path) -> str:
    return path.as_uri()


def test_local_images(picture: Path) -> None:
    rs = media(ct.IMAGE, reference(picture), None)
    image = rs[0, 'm']
    assert image.size == (8, 8)
    assert image.filename == str(picture)
    assert image.getpixel((0, 0)) == (0, 1, 2)
    assert rs['m'][1] is None


@pytest.mark.parametrize('name', ['a.png', 'a.jpg', 'a.bmp', 'a.gif', 'a.tiff', 'a.webp', 'a.ppm'])
def test_formats(picture: Path, name: str) -> None:
    path = picture.with_name(name)
    Image.open(picture).save(path)
    with Image.open(path) as expected:
        assert np.array_equal(np.asarray(open_image(str(path))), np.asarray(expected))


def test_compressed_tiff(picture: Path) -> None:
    path = picture.with_name('c.tiff')
    with Image.open(picture) as image:
        image.save(path, compression='tiff_deflate')
        assert open_image(str(path)).tobytes() == image.tobytes()


@pytest.mark.usefixtures('_few_files')
def test_many_images_leave_no_file_open(picture: Path) -> None:
    images = media(ct.IMAGE, *[reference(picture)] * 200)['m']
    images[-1].load()
    assert images[0].getpixel((1, 0)) == (3, 4, 5)
    del images
    gc.collect()


def test_frames_of_an_animation(picture: Path) -> None:
    path = picture.with_name('a.gif')
    first, second = Image.new('L', (4, 4), 0), Image.new('L', (4, 4), 255)
    first.save(path, save_all=True, append_images=[second])
    image = open_image(str(path))
    image.seek(1)
    assert image.convert('L').getpixel((0, 0)) == 255
    image.close()


def test_missing_image(tmp_path: Path) -> None:
    rs = media(ct.IMAGE, reference(tmp_path / 'gone.png'))
    with pytest.raises(NotFoundError, match=r'gone\.png') as raised:
        rs['m']
    assert raised.value.error_code is ErrorCode.STORAGE_NOT_FOUND
    assert 'gone.png' in repr(rs)
    assert 'gone.png' in rs._repr_html_()


def test_damaged_image(picture: Path) -> None:
    picture.write_bytes(b'no image')
    with pytest.raises(RequestError, match='cannot be read as an image') as raised:
        media(ct.IMAGE, reference(picture))[0]
    assert raised.value.error_code is ErrorCode.INVALID_DATA_FORMAT


@pytest.mark.parametrize('type_', [ct.VIDEO, ct.AUDIO, ct.DOCUMENT])
def test_other_media_are_paths(type_: ColumnType) -> None:
    assert media(type_, 'file:///a/b%20c.mp4', None)['m'] == ['/a/b c.mp4', None]


def test_representations(picture: Path) -> None:
    rs = media(ct.IMAGE, reference(picture), REMOTE)
    assert 'a picture.png' in repr(rs)
    assert '<img src="data:image/' in rs._repr_html_()
    assert f'<a href="{REMOTE}">a.png</a>' in rs._repr_html_()


def test_equality_is_that_of_the_references(picture: Path) -> None:
    rs = media(ct.IMAGE, reference(picture))
    assert rs == media(ct.IMAGE, reference(picture))
    assert rs == [{'m': open_image(str(picture))}]
