"""Media in notebooks and on pages."""

from __future__ import annotations

import base64
import io
import re
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
        found.to_html(tmp_path / 'page.html' / 'page.html')
    with pytest.raises(pxt.RequestError, match='5 is no path of a file'):
        found.to_html(5)  # type: ignore[arg-type]


def test_frames(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'video': pxt.Video})
    t.insert(video=films.film(tmp_path / 'a.mp4'))
    frames = pxt.create_view('frames', t, iterator=frame_iterator(t.video, num_frames=2))
    found = frames.select(frames.frame).collect()
    assert found._repr_html_().count('<img src="data:image/') == 2
    assert 'a.mp4#pts=5120' in repr(found)


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


def test_a_terminal_says_how_large_media_are(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'img': pxt.Image, 'video': pxt.Video, 'audio': pxt.Audio})
    PIL.Image.new('L', (8, 6)).save(tmp_path / 'a.png')
    row = {'img': tmp_path / 'a.png', 'video': films.film(tmp_path / 'a.mp4'), 'audio': films.sound(tmp_path / 'a.wav')}
    t.insert([row])
    found = t.collect()
    assert all(text in repr(found) for text in ('a.png (8×6, L)', 'a.mp4 (64×48, 2.0 s)', 'a.wav (2.0 s)'))
    for path in row.values():
        path.write_bytes(b'no media')
    assert 'a.mp4' in repr(found)
    assert '(' not in repr(found)


def test_the_sound_of_a_film_has_no_size(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'audio': pxt.Audio})
    t.insert(audio=films.film(tmp_path / 'a.mp4'))
    assert 'a.mp4 (2.0 s)' in repr(t.collect())


@pytest.mark.parametrize('key', ['boxes', 'bboxes'])
def test_detections_are_drawn_over_the_picture(key: str) -> None:
    t = pxt.create_table('t', {'img': pxt.Image, 'found': pxt.Json | None})
    white = PIL.Image.new('RGB', (320, 320), 'white')
    found = {key: [[320, 20, 40, 300]], 'scores': [0.9], 'labels': [7], 'label_text': ['truck']}
    t.insert([{'img': white, 'found': found}, {'img': white, 'found': None}, {'img': white, 'found': {key: 'none'}}])
    drawn, plain, other = pictures(t.select(t.img, t.found).collect()._repr_html_())
    assert drawn.size == plain.size == (160, 160)
    assert drawn.getpixel((20, 100)) != (255, 255, 255)  # the left side of the box, at half the size
    assert drawn.getpixel((80, 100)) == plain.getpixel((20, 100)) == other.getpixel((20, 100)) == (255, 255, 255)
    both = pictures(t.where(t.id == 1).select(t.img, t.found, copy=t.img.rotate(90)).collect()._repr_html_())
    assert [image.getpixel((20, 100)) for image in both] == [(255, 255, 255)] * 2  # which of them was looked at?


@pytest.mark.parametrize('suffix', ['jpg', 'png', 'webp', 'tif'])
def test_photos_are_shown_upright(suffix: str, tmp_path: Path) -> None:
    photo, turned = PIL.Image.new('RGB', (320, 160), 'white'), PIL.Image.Exif()
    photo.paste('black', (0, 0, 320, 80))
    turned[0x0112] = 6
    photo.save(tmp_path / f'a.{suffix}', exif=turned)
    t = pxt.create_table('t', {'img': pxt.Image, 'found': pxt.Json | None})
    t.insert(
        [{'img': tmp_path / f'a.{suffix}'}, {'img': tmp_path / f'a.{suffix}', 'found': {'boxes': [[10, 100, 90, 150]]}}]
    )
    shown = pictures(t.select(t.img, t.found).collect()._repr_html_())
    assert [image.size for image in shown] == [(80, 160)] * 2
    assert [image.getpixel((75, 100)) for image in shown] == [(0, 0, 0)] * 2  # what was at the top


def pictures(page: str) -> list[PIL.Image.Image]:
    """Those that a page holds."""
    found = re.findall(r'src="data:image/\w+;base64,([^"]*)"', page)
    return [PIL.Image.open(io.BytesIO(base64.b64decode(text))).convert('RGB') for text in found]
