"""Frames by reference: the same pictures as decoding the film gives, whatever the order in which they are asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import films
import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.functions.video.frames import positions
from pixeltable.media.frames import FrameReader, FrameReaders
from pixeltable.media.references import local_path
from pixeltable.types.fragments import as_frame, as_part, film_order, fragment, frame_reference
from pixeltable.types.media_paths import file_url


@pytest.fixture
def film(tmp_path: Path) -> str:
    return str(films.film(tmp_path / 'a#b.mp4', frames=60, options={'bf': '3', 'g': '12'}))


def pictures(path: str) -> list[bytes]:
    with av.open(path) as container:
        return [frame.to_image().tobytes() for frame in container.decode(video=0)]


@pytest.mark.parametrize('order', [range(60), range(59, -1, -1), [40, 3, 59, 0, 17, 18, 41]])
def test_any_order(order, film: str) -> None:
    reader = FrameReader(film)
    times = [each['pts'] for each in positions(film)]
    expected = pictures(film)
    for number in order:
        found = reader.frames([times[number]])[times[number]]
        assert found.picture().tobytes() == expected[number]
    assert reader.frames([times[1] + 1]) == {}
    reader.close()


def test_threads_share_a_reader(film: str) -> None:
    reader = FrameReader(film)
    times = [each['pts'] for each in positions(film)]
    expected = pictures(film)
    parts = [range(start, start + 6) for start in range(0, 60, 6)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda part: reader.frames([times[number] for number in part]), parts))
    for part, frames in zip(parts, found, strict=True):
        assert [frames[times[number]].picture().tobytes() for number in part] == [expected[number] for number in part]
    reader.close()


def test_references(film: str) -> None:
    reference = frame_reference(file_url(film), 1024)
    assert as_frame(reference) == (file_url(film), 1024)
    assert local_path(reference) == film
    assert (as_frame(file_url(film)), as_part(reference), fragment(file_url(film))) == (None, None, '')
    assert as_part('file:///a.png#xywh=1,2,3,4') == ('file:///a.png', (1, 2, 4, 6))
    assert fragment(reference) == '#pts=1024'


def test_no_film(tmp_path: Path) -> None:
    path = tmp_path / 'x.mp4'
    path.write_bytes(b'nothing')
    with pytest.raises(pxt.RequestError, match='cannot be processed'):
        FrameReader(str(path)).frames([0])
    with pytest.raises(pxt.RequestError, match='No such file'):
        FrameReader(str(tmp_path / 'gone.mp4')).frames([0])


def test_a_film_that_is_replaced_is_opened_anew(tmp_path: Path) -> None:
    readers, path = FrameReaders(), films.film(tmp_path / 'a.mp4', sound=False)
    assert readers.of('a', str(path)) is readers.of('a', str(path))
    assert readers.of('a', str(path)).frames([0])[0].picture().getpixel((10, 10))[0] > 200
    films.film(path, sound=False, paint=lambda _: np.zeros((48, 64, 3), np.uint8))
    assert readers.of('a', str(path)).frames([0])[0].picture().getpixel((10, 10))[0] < 50
    readers.close()


@pytest.mark.parametrize(
    ('references', 'order'),
    [
        (['b#pts=1', 'b#pts=9', None, 'a#pts=0', 'a#pts=0'], None),
        (['b#pts=9', 'b#pts=10', 'b#pts=-1'], [2, 0, 1]),
        (['b#pts=1', 'a#pts=0', 'b#pts=0', 'x.png'], [2, 0, 1, 3]),
        ([], None),
    ],
)
def test_film_order(references, order) -> None:
    assert film_order(references) == order


def test_what_is_expected_is_kept(film: str) -> None:
    readers = FrameReaders()
    times = [each['pts'] for each in positions(film)]
    with readers.expecting({film: times[:4]}), readers.expecting({film: times[4:]}):
        readers.of(film, film).frames(times[4:])
        reader = readers.of(film, film)
        passed = reader._position
        assert set(reader.frames(times[:4])) == set(times[:4])
        assert reader._position == passed
    assert not readers._wanted
    readers.close()


def test_threads_share_frames(film: str) -> None:
    reader = FrameReader(film)
    times = [each['pts'] for each in positions(film)][:8]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            found = list(pool.map(lambda _: [f.picture().tobytes() for f in reader.frames(times).values()], range(8)))
            assert all(each == found[0] for each in found)
    reader.close()
