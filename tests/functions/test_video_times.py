"""When frames of films that functions write are shown, and how long."""

from __future__ import annotations

from pathlib import Path

import av
import films
import pytest

from pixeltable.functions import video as pxtv
from pixeltable.functions._av.reading import shown_until

pytestmark = pytest.mark.usefixtures('run_at_once')


@pytest.fixture
def silent(tmp_path: Path) -> str:
    return str(films.film(tmp_path / 'b.mp4', sound=False))


def test_a_variable_rate_stays_one(tmp_path: Path) -> None:
    path = str(films.film(tmp_path / 'v.mp4', ticks=lambda number: number * number))
    expected = [number * number / 100 for number in range(20)]
    assert films.times(pxtv.grayscale(path)) == pytest.approx(expected, abs=2e-3)
    assert films.times(pxtv.clip(path, start_time=1.0)) == pytest.approx([t - 1 for t in expected if t >= 1], abs=2e-3)


def test_the_last_frame_is_shown_as_long_as_it_was(silent: str) -> None:
    made = [
        pxtv.grayscale(silent),
        pxtv.resize(silent, width=32),
        pxtv.reverse(silent),
        pxtv.clip(silent, start_time=0.0),
        pxtv.overlay_text(silent, 'drawn'),
    ]
    for path, seconds in [*((each, 2.0) for each in made), (pxtv.concat_videos([silent, silent]), 4.0)]:
        with av.open(path) as container:
            assert container.duration / av.time_base == pytest.approx(seconds, abs=1e-3)


def test_a_matroska_film_is_as_long_as_its_pictures(tmp_path: Path) -> None:
    path = films.film(tmp_path / 'a.mkv', frames=30, rate=30)  # with sound that is a little longer
    assert pxtv.get_duration(str(path)) == 1.0


@pytest.fixture
def late(tmp_path: Path) -> str:
    """A film of 3.1 seconds and more that says that it lasts 1.3, as its frames of varying distance are not in order."""
    path = films.film(tmp_path / 'v.mp4', frames=7, ticks=[0, 10, 20, 30, 100, 300, 310].__getitem__)
    assert pxtv.get_duration(str(path)) == pytest.approx(1.3)
    return str(path)


def test_the_last_scene_ends_with_the_last_frame(late: str) -> None:
    (scene,) = pxtv.scene_detect_content(late, fps=1.0)
    assert scene['duration'] >= 3.1


def test_what_is_shown_after_the_end_that_a_film_tells(late: str) -> None:
    assert pxtv.extract_frame(late, timestamp=3.05) is not None
    assert pxtv.extract_frame(late, timestamp=9.0) is None
    assert pxtv.clip(late, start_time=3.0, mode='fast') is not None
    parts = pxtv.segment_video(late, duration=1.5)
    lengths = [len(films.times(part['video_segment'])) for part in parts]
    assert lengths == [5, 2]  # no frame begins in the second 1.5 seconds


def test_a_film_without_lengths_of_frames_ends_after_the_last_distance(tmp_path: Path) -> None:
    path = films.film(tmp_path / 'v.flv', frames=3, codec='flv', sound=False, ticks=[0, 10, 50].__getitem__)
    assert shown_until(str(path)) == pytest.approx(0.9)


def test_each_frame_of_a_film_backwards_is_shown_as_long_as_it_was(tmp_path: Path) -> None:
    path = str(films.film(tmp_path / 'v.mp4', ticks=lambda number: number * number))
    times = films.times(path)
    end = shown_until(path)
    made = pxtv.reverse(path)
    assert films.times(made) == pytest.approx([end - until for until in [end, *times[:0:-1]]], abs=2e-3)
    with av.open(made) as container:
        assert container.duration / av.time_base == pytest.approx(end, abs=2e-3)
