"""Films in tables."""

from __future__ import annotations

from pathlib import Path

import films
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.functions.video import video_splitter


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


def test_what_streams_say_has_types(film: str) -> None:
    t = pxt.create_table('t', {'video': pxt.Video | None})
    t.insert([{'video': film}, {'video': None}])
    streams = t.video.get_metadata().streams
    found = t.select(
        width=streams[0].width + 1,
        none=streams[1].width,
        rate=streams[1].codec_context.sample_rate,
        kinds=streams['*'].type,
    ).collect()
    assert found.schema == {
        'width': 'Int | None',
        'none': 'Int | None',
        'rate': 'Int | None',
        'kinds': 'Json[(String | None, ...)] | None',
    }
    assert [tuple(row.values()) for row in found] == [(65, None, 16000, ['video', 'audio']), (None, None, None, None)]


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


def test_a_part_of_one_frame_is_a_film(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'film': pxt.Video})
    t.insert(film=films.film(tmp_path / 'a.mp4', frames=11, sound=False))
    view = pxt.create_view('v', t, iterator=video_splitter(t.film, duration=1.0))
    assert [len(films.times(each)) for each in view.order_by(view.pos).collect()['video_segment']] == [10, 1]
