"""Where media go, and in which form: destinations of columns and of the settings, formats and qualities."""

from __future__ import annotations

import dataclasses
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from films import film

import pixeltable as pxt
from pixeltable.api.default import session
from pixeltable.config.settings import Settings
from pixeltable.functions.video import video_splitter
from pixeltable.storage.objects.open import open_store

Files = Callable[[], list[str]]


@pxt.udf
def mirrored(img: pxt.Image) -> pxt.Image:
    return img.transpose(PIL.Image.Transpose.FLIP_LEFT_RIGHT)


@pytest.fixture
def catalog_url() -> None:
    """A catalog knows nothing of destinations."""


@pytest.fixture
def t() -> pxt.Table:
    table = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    table.insert([{'k': k, 'img': PIL.Image.new('RGB', (8, 4), (k, 0, 0))} for k in range(3)])
    return table


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def change(**settings: Any) -> None:
        monkeypatch.setattr(session(), 'settings', dataclasses.replace(session().settings, **settings))

    return change


def keys(root: str) -> list[str]:
    return [each.key for each in open_store(root).list('tables/')]


@pytest.mark.parametrize('kind', ['path', 's3_root'])
def test_what_a_column_computes_goes_to_its_destination(
    kind: str, t: pxt.Table, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = (tmp_path / 'my out').as_uri() if kind == 'path' else request.getfixturevalue(kind)
    t.add_computed_column(mirror=mirrored(t.img), destination=tmp_path / 'my out' if kind == 'path' else root)
    t.insert(k=3, img=PIL.Image.new('RGB', (8, 4), (3, 0, 0)))
    assert len(keys(root)) == 4
    rows = t.order_by(t.k).select(t.mirror, t.mirror.fileurl).collect()
    assert all(url.startswith(f'{root}/tables/') for url in rows['mirror_fileurl'])
    assert [image.getpixel((0, 0))[0] for image in rows['mirror']] == [0, 1, 2, 3]
    assert t.get_metadata()['columns']['mirror']['destination'] == root
    monkeypatch.setattr(Settings, 'vacuum_grace_s', 0.0)
    t.delete(t.k < 2)
    pxt.vacuum(1)
    assert len(keys(root)) == 2
    t.drop_column('mirror')
    pxt.vacuum(1)
    assert keys(root) == []


def test_a_destination_is_shared_with_files_of_others(
    t: pxt.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / 'out' / 'tables' / ('0' * 32) / 'media' / f'{"1" * 64}.png'
    other.parent.mkdir(parents=True)
    other.write_bytes(b'of another home')
    t.add_computed_column(mirror=mirrored(t.img), destination=tmp_path / 'out')
    monkeypatch.setattr(Settings, 'vacuum_grace_s', 0.0)
    pxt.drop_table('t')
    pxt.vacuum(1)
    assert [path for path in (tmp_path / 'out').rglob('*') if path.is_file()] == [other]


def test_destinations_that_cannot_be(t: pxt.Table, tmp_path: Path, s3_root: str) -> None:
    (tmp_path / 'file').write_text('no folder')
    for wrong, message in (
        (tmp_path / 'file' / 'below', "'m'.*cannot be stored|nothing can be stored"),
        (s3_root.replace('bucket', 'no-such-bucket'), 'nothing can be stored'),
        ('ftp://host/folder', 'scheme'),
        (5, '5'),
    ):
        with pytest.raises(pxt.Error, match=message):
            t.add_computed_column(m=mirrored(t.img), destination=wrong)
    with pytest.raises(pxt.RequestError, match='only a stored computed column') as raised:
        t.add_computed_column(m=t.k + 1, destination=tmp_path)
    assert raised.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    with pytest.raises(pxt.RequestError, match='only a stored computed column'):
        t.add_computed_column(m=mirrored(t.img), destination=tmp_path, stored=False)
    assert 'm' not in t.columns()


def test_destinations_of_the_settings(tmp_path: Path, set_up: Callable[..., None]) -> None:
    given, made = (tmp_path / 'given').as_uri(), (tmp_path / 'made').as_uri()
    set_up(input_media_dest=given, output_media_dest=made)
    t = pxt.create_table('t', {'img': pxt.Image, 'clip': pxt.Video})
    t.add_computed_column(mirror=mirrored(t.img))
    t.insert(img=PIL.Image.new('RGB', (4, 4)), clip=str(film(tmp_path / 'clip.mp4')))
    assert (len(keys(given)), len(keys(made))) == (1, 1)
    view = pxt.create_view('parts', t, iterator=video_splitter(t.clip, duration=1.0))
    assert view.count() > 1
    assert len(keys(made)) == 1 + view.count()
    set_up(input_media_dest=None, output_media_dest=None)
    t.insert(img=PIL.Image.new('RGB', (5, 5)), clip=str(tmp_path / 'clip.mp4'))
    assert (len(keys(given)), len(keys(made))) == (2, 4)  # it is the column that has the destination


def test_formats(t: pxt.Table) -> None:
    t.add_computed_column(plain=mirrored(t.img))
    t.add_computed_column(jpeg=mirrored(t.img), format='jpeg', quality=40)
    t.add_computed_column(png=mirrored(t.img), format='png')
    images = t.order_by(t.k).collect()[2]
    assert [images[name].format for name in ('plain', 'jpeg', 'png')] == ['WEBP', 'JPEG', 'PNG']
    assert images['plain'].tobytes() == images['png'].tobytes()


def test_what_users_give_is_written_in_the_format(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'img': {'type': pxt.Image | None, 'format': 'jpeg', 'quality': 90}})
    picture = PIL.Image.effect_noise((64, 64), 80).convert('RGB')
    file = io.BytesIO()
    picture.save(file, 'PNG')
    picture.save(tmp_path / 'a.png')
    t.insert([{'img': picture}, {'img': file.getvalue()}, {'img': tmp_path / 'a.png'}])
    assert [image.format for image in t.collect()['img']] == ['JPEG', 'PNG', 'PNG']  # files stay as they are
    t.update({'img': picture}, where=t.id == 2)
    assert t.where(t.id == 2).collect()[0, 'img'].format == 'JPEG'


def test_webp_is_lossless_without_a_quality() -> None:
    picture = PIL.Image.effect_noise((64, 64), 80).convert('RGB')
    t = pxt.create_table(
        't',
        {
            'a': {'type': pxt.Image, 'format': 'webp'},
            'b': {'type': pxt.Image, 'format': 'webp', 'quality': 10},
        },
    )
    t.insert(a=picture, b=picture)
    row = t.collect()[0]
    assert row['a'].tobytes() == picture.tobytes() != row['b'].tobytes()


@pytest.mark.parametrize(
    ('options', 'code', 'message'),
    [
        ({'format': 'docx'}, 'INVALID_ARGUMENT', 'docx'),
        ({'quality': 80}, 'INVALID_ARGUMENT', 'jpeg'),
        ({'format': 'png', 'quality': 80}, 'INVALID_ARGUMENT', 'png'),
        ({'format': 'jpeg', 'quality': 101}, 'INVALID_ARGUMENT', '101'),
        ({'format': 'jpeg', 'quality': '80'}, 'INVALID_ARGUMENT', "'80'"),
        ({'format': 'jpeg', 'stored': False}, 'UNSUPPORTED_OPERATION', 'stored Image'),
    ],
)
def test_formats_that_cannot_be(t: pxt.Table, options: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(pxt.RequestError, match=message) as raised:
        t.add_computed_column(m=mirrored(t.img), **options)
    assert raised.value.error_code is pxt.ErrorCode[code]
    with pytest.raises(pxt.RequestError, match='only a stored Image'):
        t.add_computed_column(n=t.k + 1, format='jpeg')


def test_a_picture_that_the_format_has_no_place_for_is_an_error_of_its_cell(t: pxt.Table) -> None:
    with pytest.warns(pxt.PixeltableWarning, match='RGBA'):
        t.add_computed_column(m=t.img.convert('RGBA'), format='jpeg', on_error='ignore')
    assert t.where(t.m.errortype != None).count() == 3  # noqa: E711
    assert 'RGBA' in t.select(t.m.errormsg).collect()[0, 'm_errormsg']


def test_a_store_that_fails_loses_nothing(t: pxt.Table, tmp_path: Path) -> None:
    t.add_computed_column(mirror=mirrored(t.img), destination=tmp_path / 'out')
    shutil.rmtree(tmp_path / 'out')
    (tmp_path / 'out').write_text('no folder any more')
    with pytest.raises(pxt.ServiceUnavailableError):
        t.insert(k=9, img=PIL.Image.new('RGB', (8, 4), (9, 0, 0)))
    assert t.count() == 3
    (tmp_path / 'out').unlink()
    t.insert(k=9, img=PIL.Image.new('RGB', (8, 4), (9, 0, 0)))
    assert t.where(t.k == 9).collect()[0, 'mirror'].getpixel((0, 0)) == (9, 0, 0)
