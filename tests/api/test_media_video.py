"""Films in tables."""

from __future__ import annotations

import wave
from pathlib import Path

import films
import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture
def film(tmp_path: Path) -> str:
    return str(films.film(tmp_path / 'a.mp4'))


def test_computed_films_are_stored(film: str) -> None:
    t = pxt.create_table('t', {'video': pxt.Video | None})
    t.add_computed_column(small=t.video.resize(width=32))
    t.add_computed_column(cover=t.small.extract_frame(timestamp=0.5))
    t.add_computed_column(sound=t.video.extract_audio())
    t.insert([{'video': film}, {'video': None}])
    row, empty = t.select(t.video, t.small, t.cover, t.sound).collect()
    assert row['video'] == film
    assert row['cover'].size == (32, 24)
    assert films.size(row['small']) == (32, 24)
    assert Path(row['small']).is_relative_to(pxt.home())
    assert films.seconds(row['sound']) == pytest.approx(2.0, abs=0.1)
    assert set(empty.values()) == {None}


def test_queries_give_files_too(film: str) -> None:
    t = pxt.create_table('t', {'video': pxt.Video})
    t.insert(video=film)
    row = t.select(t.video.clip(start_time=1.0), t.video.get_duration()).collect()[0]
    assert len(films.times(row['clip'])) == 10
    assert row['get_duration'] == 2.0


def test_what_a_function_makes_is_given_to_another(film: str) -> None:
    t = pxt.create_table('t', {'video': pxt.Video})
    t.insert(video=film)
    row = t.select(
        sound=t.video.extract_audio().get_metadata().streams[0].type,
        width=t.video.resize(width=32).extract_frame(timestamp=1.0).width,
    ).collect()[0]
    assert row == {'sound': 'audio', 'width': 32}


@pytest.mark.parametrize('content', [b'', b'no film', b'\0' * 4000])
def test_bad_films(content: bytes, film: str, tmp_path: Path) -> None:
    bad = tmp_path / 'bad.mp4'
    bad.write_bytes(content)
    t = pxt.create_table('t', {'video': pxt.Video})
    with pytest.warns(pxt.PixeltableWarning, match='cannot be read as video'):
        t.insert([{'video': bad}, {'video': film}])
    assert t.where(t.video != None).count() == 1  # noqa: E711


def test_a_truncated_film_and_one_without_frames(film: str, tmp_path: Path) -> None:
    short = tmp_path / 'short.mp4'
    short.write_bytes(Path(film).read_bytes()[:3000])
    single = films.film(tmp_path / 'single.mp4', frames=1, sound=False)
    tone = films.sound(tmp_path / 'a.wav')
    t = pxt.create_table('t', {'video': pxt.Video})
    with pytest.warns(pxt.PixeltableWarning, match='3 cells failed'):
        t.insert([{'video': short}, {'video': single}, {'video': tone}])


def test_bad_sound(tmp_path: Path) -> None:
    empty = tmp_path / 'empty.wav'
    with wave.open(str(empty), 'wb') as file:
        file.setparams((1, 2, 16000, 0, 'NONE', ''))
    good = films.sound(tmp_path / 'good.wav')
    t = pxt.create_table('t', {'audio': pxt.Audio})
    with pytest.warns(pxt.PixeltableWarning, match='it has no samples'):
        t.insert([{'audio': empty}, {'audio': good}])
    with pytest.warns(pxt.PixeltableWarning, match='an input'):
        t.add_computed_column(loud=t.audio.normalize())
    assert t.select(t.loud.errortype).collect()['loud_errortype'].count(None) == 1


def test_frames_by_reference(film: str) -> None:
    from pixeltable.functions.video.frames import positions

    t = pxt.create_table('t', {'video': pxt.Video})
    t.insert(video=film)

    @pxt.udf
    def blue(image: PIL.Image.Image) -> int:
        return image.getpixel((50, 20))[2]

    @pxt.udf
    def frame(url: str, number: int) -> pxt.Image:
        return f'{url}#pts={times[number]}'

    times = [each['pts'] for each in positions(film)]
    found = t.select(*[blue(frame(t.video.fileurl, number)) for number in (0, 10, 19)]).collect()[0]
    assert list(found.values()) == pytest.approx([0, 50, 95], abs=6)
