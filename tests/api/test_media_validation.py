"""When media are looked at: as they are written, or as they are read; a table says so, and each column may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from films import film

import pixeltable as pxt

KINDS: list[tuple[Any, str, bytes]] = [
    (pxt.Image, 'a.png', b'no picture'),
    (pxt.Video, 'a.mp4', b'no film'),
    (pxt.Audio, 'a.wav', b'no sound'),
    (pxt.Document, 'a.pdf', b'%PDF-1.4 and nothing more'),
]


@pytest.fixture
def catalog_url() -> None:
    """The catalog has no part in it."""


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str, bytes], str]:
    def write(name: str, content: bytes) -> str:
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize(('type_', 'name', 'content'), KINDS)
def test_on_write(type_: Any, name: str, content: bytes, broken: Callable[[str, bytes], str]) -> None:
    t = pxt.create_table('t', {'m': type_ | None})
    with pytest.raises(pxt.RequestError, match='cannot be read') as raised:
        t.insert([{'m': None}, {'m': broken(name, content)}], on_error='abort')
    assert raised.value.error_code is pxt.ErrorCode.INVALID_DATA_FORMAT
    assert t.count() == 0
    with pytest.warns(pxt.PixeltableWarning, match='cannot be read'):
        t.insert([{'m': None}, {'m': broken(name, content)}, {'m': content}], on_error='ignore')
    rows = t.order_by(t.id).select(t.m, t.m.errortype).collect()
    assert rows['m'] == [None] * 3
    assert rows['m_errortype'] == [None, 'RequestError', 'RequestError']


@pytest.mark.parametrize(('type_', 'name', 'content'), KINDS)
def test_on_read(type_: Any, name: str, content: bytes, broken: Callable[[str, bytes], str]) -> None:
    path = broken(name, content)
    t = pxt.create_table('t', {'m': type_ | None}, media_validation='on_read')
    t.insert([{'m': path}, {'m': None}], on_error='abort')
    assert t.select(t.m.localpath).collect()['m_localpath'] == [path, None]
    rows = t.order_by(t.id).collect()
    assert (rows['m'], rows[0], [row['m'] for row in rows]) == ([None] * 2, {'m': None}, [None] * 2)
    rows = t.order_by(t.id).select(t.m.errortype, t.m.errormsg).collect()
    assert rows['m_errortype'] == ['RequestError', None]
    assert 'cannot be read' in rows[0, 'm_errormsg']
    assert t.where(t.m.errortype == None).count() == 1  # noqa: E711
    with pytest.raises(pxt.RequestError, match='there is no file'):
        t.insert([{'m': str(Path(path).with_name('none'))}])
    assert t.count() == 2


def test_on_read_in_a_view_and_a_join(tmp_path: Path, broken: Callable[[str, bytes], str]) -> None:
    fine = tmp_path / 'fine.png'
    PIL.Image.new('RGB', (4, 4)).save(fine)
    t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image}, media_validation='on_read')
    t.insert([{'k': 1, 'img': broken('a.png', b'no picture')}, {'k': 2, 'img': fine}])
    v = pxt.create_view('v', t.where(t.k > 0))
    assert [image is None for image in v.order_by(v.k).collect()['img']] == [True, False]
    assert v.where(v.img.errortype != None).collect()['k'] == [1]  # noqa: E711
    other = pxt.create_table('other', {'k': pxt.Int})
    other.insert([{'k': 1}, {'k': 2}])
    found = t.join(other, on=t.k == other.k).select(t.k, t.img, why=t.img.errortype).order_by(t.k).collect()
    assert found['why'] == ['RequestError', None]
    assert [image is None for image in found['img']] == [True, False]


def test_what_is_unreadable_shows_when_it_is_used(broken: Callable[[str, bytes], str]) -> None:
    t = pxt.create_table('t', {'img': pxt.Image}, media_validation='on_read')
    t.insert(img=broken('a.png', b'no picture'))
    with pytest.raises(pxt.RequestError, match='cannot be read as an image'):
        t.select(t.img.width).collect()
    with pytest.warns(pxt.PixeltableWarning, match='cannot be read as an image'):
        t.add_computed_column(width=t.img.width)
    assert t.select(t.width.errortype).collect()['width_errortype'] == ['RequestError']


@pytest.mark.parametrize('of_table', ['on_read', 'on_write'])
def test_a_column_may_say_otherwise(of_table: str, broken: Callable[[str, bytes], str]) -> None:
    spec = {'type': pxt.Image | None, 'media_validation': 'on_read' if of_table == 'on_write' else 'on_write'}
    t = pxt.create_table('t', {'a': pxt.Image | None, 'b': spec}, media_validation=of_table)
    path = broken('a.png', b'no picture')
    read, written = ('a', 'b') if of_table == 'on_read' else ('b', 'a')
    t.insert([{read: path}], on_error='abort')
    with pytest.raises(pxt.RequestError, match='cannot be read'):
        t.insert([{written: path}], on_error='abort')
    with pytest.raises(pxt.RequestError, match='cannot be read'):
        t.update({written: path})
    t.update({read: path})
    assert t.count() == 1


def test_what_functions_make_is_not_looked_at(tmp_path: Path) -> None:
    clip = film(tmp_path / 'a.mp4')
    t = pxt.create_table('t', {'clip': pxt.Video}, media_validation='on_read')
    t.insert(clip=clip)
    t.add_computed_column(first=t.clip.extract_frame(timestamp=0.0))
    assert isinstance(t.collect()[0, 'first'], PIL.Image.Image)
