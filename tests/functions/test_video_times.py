"""When frames of films that functions write are shown, and how long."""

from __future__ import annotations

from pathlib import Path

import av
import films
import pytest

from pixeltable.functions import video as pxtv

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
