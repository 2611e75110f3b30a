"""Media that rows get later is stored and checked like that which they are inserted with."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture
def t() -> pxt.Table:
    t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image | None}, primary_key='k')
    t.add_computed_column(w=t.img.width)
    t.insert([{'k': 1, 'img': picture(4)}, {'k': 2}])
    return t


def picture(width: int) -> PIL.Image.Image:
    return PIL.Image.new('RGB', (width, 4))


def widths(t: pxt.Table) -> list[int | None]:
    found = t.order_by(t.k).select(t.w, url=t.img.fileurl).collect()
    assert all(url is None or url.startswith('file:') for url in found['url'])
    return found['w']


def test_pictures_and_bytes_are_stored(t) -> None:
    t.batch_update([{'k': 1, 'img': picture(9)}])
    data = io.BytesIO()
    picture(7).save(data, 'PNG')
    t.upsert([{'k': 2, 'img': data.getvalue()}, {'k': 3, 'img': picture(3)}])
    assert widths(t) == [9, 7, 3]
    t.update({'img': picture(11)}, where=t.k == 3)
    assert widths(t) == [9, 7, 11]
    t.batch_update([{'k': 1, 'img': None}])
    assert widths(t) == [None, 7, 11]


@pytest.mark.parametrize(
    'change',
    [
        lambda t, path: t.update({'img': path}),
        lambda t, path: t.batch_update([{'k': 1, 'img': path}]),
        lambda t, path: t.upsert([{'k': 1, 'img': path}]),
    ],
)
def test_what_cannot_be_read_is_refused(t, tmp_path: Path, change: Callable[[pxt.Table, str], object]) -> None:
    bad = tmp_path / 'bad.png'
    bad.write_text('no picture')
    with pytest.raises(pxt.RequestError, match=r"column 'img', row 0: .*bad\.png.* cannot be read") as caught:
        change(t, str(bad))
    assert caught.value.error_code is pxt.ErrorCode.INVALID_DATA_FORMAT
    assert widths(t) == [4, None]


def test_a_column_may_be_checked_otherwise_than_its_table(tmp_path: Path) -> None:
    bad = tmp_path / 'bad.png'
    bad.write_text('no picture')
    spec = {'type': pxt.Image | None, 'media_validation': 'on_read'}
    t = pxt.create_table('u', {'seen': pxt.Image | None, 'unseen': spec}, on_error='ignore')
    t.insert(unseen=str(bad))
    assert t.select(t.unseen.localpath).collect()['unseen_localpath'] == [str(bad)]
    with pytest.raises(pxt.RequestError, match="column 'seen', row 0"):
        t.insert(seen=str(bad), on_error='abort')
    t.update({'unseen': str(bad)})
    with pytest.raises(pxt.RequestError, match="column 'seen', row 0"):
        t.update({'seen': str(bad)})
