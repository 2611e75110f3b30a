"""What becomes of references whose content changes: it is noticed, or a copy was kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import PIL.Image
import pytest
from films import film

import pixeltable as pxt
from pixeltable.api.default import session
from pixeltable.functions.video import frame_iterator


@pytest.fixture
def catalog_url() -> None:
    """The catalog has no part in it."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return paint(tmp_path / 'a picture.png', 'red')


def paint(path: Path, color: str, size: int = 4) -> Path:
    PIL.Image.new('RGB', (size, size), color).save(path)
    return path


def colors(t: pxt.Table) -> list[tuple[int, ...]]:
    return [image.getpixel((0, 0)) for image in t.order_by(t.id).collect()['img']]


RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.mark.parametrize('how', ['table', 'column'])
def test_old_versions_keep_what_was_pinned(how: str, path: Path) -> None:
    column = {'type': pxt.Image, 'pin': True} if how == 'column' else pxt.Image
    t = pxt.create_table('t', {'img': column}, pin=how == 'table')
    t.insert(img=path)
    paint(path, 'blue')
    t.update({'img': str(path)})
    path.unlink()
    assert colors(t) == [BLUE]
    assert colors(pxt.get_table('t:1')) == [RED]
    url = t.select(t.img.fileurl).collect()[0, 'img_fileurl']
    assert url.startswith('file://')
    assert url.endswith('.png')
    assert 'a%20picture' not in url


def test_a_column_may_say_otherwise(path: Path) -> None:
    t = pxt.create_table('t', {'img': {'type': pxt.Image, 'pin': False}}, pin=True)
    t.insert(img=path)
    assert t.select(t.img.localpath).collect()[0, 'img_localpath'] == str(path)


def test_columns_that_come_later_are_pinned_too(path: Path, reopen: Callable[[], None]) -> None:
    pxt.create_table('t', {'k': pxt.Int}, pin=True)
    reopen()
    t = pxt.get_table('t')
    t.add_column(img=pxt.Image | None)
    t.insert(k=1, img=path)
    path.unlink()
    assert colors(t) == [RED]


def test_what_is_fetched_is_pinned(path: Path, http_folder: str) -> None:
    t = pxt.create_table('t', {'img': {'type': pxt.Image, 'pin': True}})
    t.insert(img=f'{http_folder}/a%20picture.png')
    assert t.select(t.img.fileurl).collect()[0, 'img_fileurl'].startswith('file://')
    assert colors(t) == [RED]


def test_frames_are_pinned_as_pictures(tmp_path: Path) -> None:
    clip = film(tmp_path / 'clip.mp4')
    t = pxt.create_table('t', {'clip': pxt.Video})
    t.insert(clip=clip)
    frames = pxt.create_view('frames', t, iterator=frame_iterator(t.clip, num_frames=2))
    kept = pxt.create_table('kept', {'img': {'type': pxt.Image, 'pin': True}})
    kept.insert(frames.select(img=frames.frame))
    clip.unlink()
    assert [image.size for image in kept.collect()['img']] == [(64, 48)] * 2


def test_a_changed_file_is_told_of_once(path: Path) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert(img=path)
    assert colors(t) == [RED]
    paint(path, 'blue', 8)
    with pytest.warns(pxt.PixeltableWarning, match=r"a%20picture\.png' has changed since.*pin=True"):
        assert colors(t) == [BLUE]
    assert colors(t) == [BLUE]
    t.insert(img=path)
    assert colors(t) == [BLUE, BLUE]
    assert '#' not in t.select(t.img.fileurl).collect()[0, 'img_fileurl']


def test_a_changed_film_is_told_of_by_its_frames(tmp_path: Path) -> None:
    clip = film(tmp_path / 'clip.mp4')
    t = pxt.create_table('t', {'clip': pxt.Video})
    t.insert(clip=clip)
    frames = pxt.create_view('frames', t, iterator=frame_iterator(t.clip, num_frames=2))
    film(clip, frames=30)
    with pytest.warns(pxt.PixeltableWarning, match='has changed'):
        assert len(frames.collect()['frame']) == 2


def test_functions_that_read_changed_files_warn(path: Path) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert(img=path)
    paint(path, 'blue', 8)
    with pytest.warns(pxt.PixeltableWarning, match='has changed'):
        assert t.select(t.img.width).collect()['width'] == [8]


def test_changed_content_behind_a_url(path: Path, http_folder: str, tmp_path: Path) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    url = f'{http_folder}/a%20picture.png'
    t.insert(img=url)
    assert t.select(t.img.fileurl).collect()[0, 'img_fileurl'] == url
    paint(path, 'blue', 8)
    assert colors(t) == [RED]  # as it was fetched
    for each in (tmp_path / 'home' / 'file_cache').iterdir():
        each.unlink()
    with pytest.warns(pxt.PixeltableWarning, match='has changed'):
        assert colors(t) == [BLUE]


def test_of_many_changed_files_few_are_told_of(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    paths = [paint(tmp_path / f'{number}.png', 'red') for number in range(30)]
    t.insert([{'img': each} for each in paths])
    for each in paths:
        paint(each, 'blue', 8)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter('always')
        assert colors(t) == [BLUE] * 30
    assert len(told) == 10
    assert 'log only' in str(told[-1].message)


def test_an_upsert_with_a_changed_file_computes_anew(path: Path) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image}, primary_key='k')
    t.insert(k=1, img=path)
    t.add_computed_column(width=t.img.width)
    paint(path, 'blue', 8)
    t.batch_update([{'k': 1, 'img': str(path)}])
    assert t.collect()[0, 'width'] == 8


def test_what_cannot_be_pinned(path: Path) -> None:
    with pytest.raises(pxt.RequestError, match=r"pin.*'yes'"):
        pxt.create_table('t', {'img': pxt.Image}, pin='yes')
    with pytest.raises(pxt.RequestError, match=r"'yes'"):
        pxt.create_table('t', {'img': {'type': pxt.Image, 'pin': 'yes'}})
    with pytest.raises(pxt.RequestError, match='only a column of media') as raised:
        pxt.create_table('t', {'k': {'type': pxt.Int, 'pin': True}})
    assert raised.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    assert session().catalog.table_id('t') is None


def test_a_pinned_file_that_cannot_be_read_is_an_error_of_its_cell(tmp_path: Path, http_folder: str) -> None:
    t = pxt.create_table('t', {'img': {'type': pxt.Image | None, 'pin': True}}, media_validation='on_read')
    with pytest.warns(pxt.PixeltableWarning, match='404'):
        t.insert([{'img': f'{http_folder}/none.png'}], on_error='ignore')
    assert t.select(t.img.errortype).collect()[0, 'img_errortype'] == 'NotFoundError'
