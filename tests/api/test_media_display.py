"""Media in notebooks and on pages."""

from __future__ import annotations

from pathlib import Path

import films
import papers
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.functions.video import frame_iterator


def test_a_page(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'img': pxt.Image, 'video': pxt.Video, 'audio': pxt.Audio, 'k': pxt.Int})
    row = {'video': films.film(tmp_path / 'a.mp4'), 'audio': films.sound(tmp_path / 'a.wav'), 'k': 7}
    t.insert([row | {'img': PIL.Image.new('RGB', (8, 8), 'red')}])
    found = t.select(t.img, t.img.rotate(90), t.video, t.audio, t.k).collect()
    found.to_html(tmp_path / 'page.html')
    page = (tmp_path / 'page.html').read_text()
    assert page.startswith('<!doctype html>')
    assert page.count('<img src="data:image/') == 2
    assert '<video controls' in page
    assert '<audio controls' in page
    assert '<img' in found._repr_html_()
    assert '<image>' in repr(found)
    with pytest.raises(pxt.RequestError, match='cannot be written'):
        found.to_html(tmp_path / 'no' / 'page.html')


def test_frames(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'video': pxt.Video})
    t.insert(video=films.film(tmp_path / 'a.mp4'))
    frames = pxt.create_view('frames', t, iterator=frame_iterator(t.video, num_frames=2))
    found = frames.select(frames.frame).collect()
    assert found._repr_html_().count('<img src="data:image/') == 2
    assert 'a.mp4#pts=0' in repr(found)


def test_documents(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'doc': pxt.Document})
    (tmp_path / 'a.pdf').write_bytes(papers.pdf([['one'], ['two']]))
    t.insert([{'doc': tmp_path / 'a.pdf'}, {'doc': b'# A title'}])
    found = t.collect()
    page = found._repr_html_()
    assert page.count('<img src="data:image/jpeg') == 1
    assert f'<a href="{(tmp_path / "a.pdf").as_uri()}"><img' in page
    assert 'title="a.pdf: 2 pages"' in page
    assert 'a.pdf (2 pages, 943 bytes)' in repr(found)
    assert '.txt (9 bytes)' in repr(found)
    (tmp_path / 'a.pdf').unlink()
    assert '<img' not in found._repr_html_()
    assert 'a.pdf' in repr(found)
