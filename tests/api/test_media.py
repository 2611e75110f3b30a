"""Media columns hold references: a local path or a URL goes in, and comes out again."""

from __future__ import annotations

import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture
def picture(tmp_path) -> str:
    path = tmp_path / 'a picture.png'
    PIL.Image.new('RGB', (4, 2), 'red').save(path)
    return str(path)


def test_images(picture) -> None:
    t = pxt.create_table('t', {'img': pxt.Image | None, 'k': pxt.Int})
    t.insert([{'img': picture, 'k': 1}, {'img': None, 'k': 2}])
    image = t.collect()['img'][0]
    assert (image.size, image.getpixel((0, 0))) == ((4, 2), (255, 0, 0))
    row = t.select(t.img.fileurl, t.img.localpath).collect()[0]
    assert row['img_localpath'] == picture
    assert row['img_fileurl'].startswith('file:///')
    assert row['img_fileurl'].endswith('a%20picture.png')


def test_urls_are_kept() -> None:
    t = pxt.create_table('t', {'doc': pxt.Document, 'clip': pxt.Video}, media_validation='on_read')
    t.insert(doc='https://example.com/a.pdf', clip='s3://bucket/clip.mp4')
    assert t.select(t.doc.fileurl, t.clip.localpath).collect() == [
        {'doc_fileurl': 'https://example.com/a.pdf', 'clip_localpath': None}
    ]


def test_update(picture, tmp_path) -> None:
    t = pxt.create_table('t', {'doc': pxt.Document | None})
    t.insert(doc=None)
    text = tmp_path / 'a text.txt'
    text.write_text('words')
    t.update({'doc': str(text)})
    assert t.select(t.doc.localpath).collect()['doc_localpath'] == [str(text)]
    with pytest.raises(pxt.RequestError, match='cannot be read as a document'):
        t.update({'doc': picture})


def test_a_missing_file_inserts_nothing(tmp_path, picture) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    with pytest.raises(pxt.RequestError, match=r"'img', row 1: there is no file"):
        t.insert([{'img': picture}, {'img': str(tmp_path / 'missing.png')}])
    assert t.count() == 0
