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
    t = pxt.create_table('t', {'m': type_}, media_validation='on_read')
    t.insert([{'m': broken(name, content)}], on_error='abort')
    assert t.select(t.m.localpath).collect()['m_localpath'] == [broken(name, content)]
    with pytest.raises(pxt.RequestError, match='there is no file'):
        t.insert([{'m': str(Path(broken(name, content)).with_name('none'))}])
    assert t.count() == 1


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
