"""Stored media are found wherever the home, or the bucket, has moved to."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import unquote

import PIL.Image
import pytest
from films import film

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.config.settings import Settings
from pixeltable.functions.video import frame_iterator
from pixeltable.storage.objects.open import open_store


@pxt.udf
def mirrored(img: pxt.Image) -> pxt.Image:
    return img.transpose(PIL.Image.Transpose.FLIP_LEFT_RIGHT)


@pytest.fixture
def catalog_url() -> None:
    """The catalog moves with the home."""


def moved(home: Path, target: Path) -> None:
    assert default._session is not None
    default._session.close()
    default._session = None
    shutil.move(home, target)
    pxt.init({'pixeltable.home': str(target), 'pixeltable.verbosity': 0})


def test_a_moved_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    t = pxt.create_table('t', {'img': pxt.Image, 'clip': pxt.Video | None})
    clip = film(tmp_path / 'clip.mp4').read_bytes()
    t.insert([{'img': PIL.Image.linear_gradient('L').convert('RGB'), 'clip': clip}])
    t.add_computed_column(mirror=mirrored(t.img))
    frames = pxt.create_view('frames', t, iterator=frame_iterator(t.clip, num_frames=2))
    before = [image.tobytes() for image in frames.select(frames.frame).collect()['frame']]
    where = tmp_path / 'else where'
    moved(home, where)
    t, frames = pxt.get_table('t'), pxt.get_table('frames')
    row = t.select(t.mirror, t.mirror.fileurl, t.clip.localpath, text=t.clip).collect()[0]
    assert row['mirror'].size == (256, 256)
    assert unquote(row['mirror_fileurl']).startswith(f'file://{where}/data/tables/')
    assert row['clip_localpath'] == row['text'] != ''
    assert Path(row['text']).read_bytes() == clip
    assert [image.tobytes() for image in frames.select(frames.frame).collect()['frame']] == before
    monkeypatch.setattr(Settings, 'vacuum_grace_s', 0.0)
    pxt.vacuum(1)
    t.add_computed_column(again=mirrored(t.mirror))
    assert t.collect()['again'][0].tobytes() == t.collect()['img'][0].tobytes()


def test_media_inside_json_move_along(home: Path, tmp_path: Path) -> None:
    t = pxt.create_table('t', {'img': pxt.Image, 'clip': pxt.Video})
    t.insert([{'img': PIL.Image.new('RGB', (4, 4), 'red'), 'clip': film(tmp_path / 'clip.mp4').read_bytes()}])
    t.add_computed_column(about={'photo': t.img, 'film': t.clip, 'frames': t.clip.frame})
    moved(home, tmp_path / 'elsewhere')
    about = pxt.get_table('t').collect()['about'][0]
    assert about['photo'].getpixel((0, 0)) == (255, 0, 0)
    assert about['film'].startswith(f'{tmp_path}/elsewhere/data/')
    assert about['frames'][0].size == (64, 48)


def test_what_leaves_has_urls(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert(img=PIL.Image.new('RGB', (4, 4)))
    url = t.select(t.img.fileurl).collect()[0, 'img_fileurl']
    assert url.startswith('file:///')
    assert t.collect().to_arrow().column('img').to_pylist() == [url]
    assert url in t.select(j={'image': t.img}).collect().to_arrow()['j'][0].as_py()
    assert url in next(iter(t.changes()))['after'].values()
    assert pxt.sql('select img from t')[0, 'img'] == url
    pxt.io.export_json(t, tmp_path / 't.json')
    assert url in (tmp_path / 't.json').read_text()
    assert 'data:image' in t.collect()._repr_html_()


def test_copies_of_stored_media_move_along(home: Path, tmp_path: Path) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert(img=PIL.Image.new('RGB', (4, 4), 'red'))
    copy = pxt.create_table('copy', {'img': pxt.Image})
    copy.insert(t.select(t.img))
    moved(home, tmp_path / 'moved')
    assert pxt.get_table('copy').collect()[0, 'img'].getpixel((0, 0)) == (255, 0, 0)


def test_a_bucket_that_is_elsewhere(home: Path, s3_root: str) -> None:
    def opened(data: str) -> pxt.Table:
        assert default._session is not None
        default._session.close()
        default._session = None
        pxt.init({'pixeltable.home': str(home), 'pixeltable.data': data, 'pixeltable.verbosity': 0})
        return pxt.create_table('t', {'img': pxt.Image}, if_exists='ignore')

    t = opened(s3_root)
    t.insert(img=PIL.Image.new('RGB', (4, 4), 'red'))
    t.add_computed_column(mirror=mirrored(t.img))
    before, after = open_store(s3_root), open_store(f'{s3_root}-copy')
    for each in before.list(''):
        after.put(each.key, before.get(each.key))
        before.delete(each.key)
    t = opened(f'{s3_root}-copy')
    row = t.select(t.img, t.mirror, t.img.fileurl).collect()[0]
    assert row['img'].getpixel((0, 0)) == row['mirror'].getpixel((0, 0)) == (255, 0, 0)
    assert row['img_fileurl'].startswith(f'{s3_root}-copy/tables/')
    assert pxt.verify().ok
