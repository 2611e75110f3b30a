"""Functions of films, on films that PyAV made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import films
import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.functions import video as pxtv
from pixeltable.functions.video.frames import positions

pytestmark = pytest.mark.usefixtures('run_at_once')


@pytest.fixture
def clip(tmp_path: Path) -> str:
    return str(films.film(tmp_path / 'a.mp4'))


@pytest.fixture
def silent(tmp_path: Path) -> str:
    return str(films.film(tmp_path / 'b.mp4', sound=False))


def red_side(image: PIL.Image.Image) -> tuple[bool, ...]:
    """Whether left, top, right and bottom are red."""
    w, h = image.size
    return tuple(image.getpixel(at)[0] > 128 for at in ((2, h // 2), (w // 2, 2), (w - 3, h // 2), (w // 2, h - 3)))


def test_metadata(clip: str, silent: str) -> None:
    found = pxtv.get_metadata(clip)
    video, audio = found['streams']
    assert (video['type'], video['width'], video['height'], video['frames'], video['average_rate']) == (
        'video',
        64,
        48,
        20,
        10.0,
    )
    assert (audio['type'], audio['codec_context']['sample_rate']) == ('audio', 16000)
    assert pxtv.get_duration(clip) == 2.0
    assert len(pxtv.get_metadata(silent)['streams']) == 1


def test_extract_frame(clip: str) -> None:
    assert red_side(pxtv.extract_frame(clip, timestamp=1.04))[0]
    assert abs(pxtv.extract_frame(clip, timestamp=1.5).getpixel((50, 20))[2] - 75) < 8
    assert pxtv.extract_frame(clip, timestamp=99) is None
    with pytest.raises(pxt.RequestError, match='at least 0'):
        pxtv.extract_frame(clip, timestamp=-1)


def test_a_rotated_film_is_shown_upright(tmp_path: Path) -> None:
    path = str(films.film(tmp_path / 'r.mp4', rotation=90))
    image = pxtv.extract_frame(path, timestamp=0)
    assert image.size == (48, 64)
    assert red_side(image)[3]
    assert films.size(pxtv.resize(path, scale=1.0)) == (48, 64)


def test_pan(clip: str, silent: str) -> None:
    found = pxtv.extract_frame(pxtv.pan(clip, -1, 1, 0.5), timestamp=0.0)
    assert found.size == (32, 24)
    for wrong in ({'x_sign': 2}, {'crop_pct': 1.0}):
        with pytest.raises(pxt.RequestError, match='signs are -1, 0 or 1'):
            pxtv.pan(silent, **wrong)


def test_positions(clip: str) -> None:
    every = list(positions(clip))
    assert [each['index'] for each in every] == list(range(20))
    assert every[3] | {'dts': 0} == {
        'index': 3, 'pts': every[3]['pts'], 'dts': 0, 'time': 0.3, 'is_corrupt': False, 'key_frame': False,
        'pict_type': every[3]['pict_type'], 'interlaced_frame': False,
    }  # fmt: skip
    assert [each['time'] for each in positions(clip, fps=2)] == [0.0, 0.5, 1.0, 1.5]
    assert len(list(positions(clip, fps=1000))) == 20
    assert [each['index'] for each in positions(clip, fps=3)] == [0, 3, 7, 10, 13, 17]
    assert [each['index'] for each in positions(clip, fps=0.7)] == [0, 14]
    assert [each['index'] for each in positions(clip, num_frames=4)] == [2, 7, 12, 17]
    assert [each['index'] for each in positions(clip, num_frames=1)] == [10]
    assert [each['index'] for each in positions(clip, keyframes_only=True)] == [0]
    with pytest.raises(pxt.RequestError, match='at most one'):
        list(positions(clip, fps=1, num_frames=2))


def test_b_frames_come_in_the_order_in_which_they_are_shown(tmp_path: Path) -> None:
    path = films.film(tmp_path / 'b.mp4', options={'bf': '3', 'g': '10'})
    found = list(positions(str(path)))
    assert [each['time'] for each in found] == sorted(each['time'] for each in found)
    assert {each['pict_type'] for each in found} == {1, 2, 3}


def test_clip(clip: str) -> None:
    accurate = pxtv.clip(clip, start_time=0.5, duration=1.0)
    assert films.times(accurate) == pytest.approx([n / 10 for n in range(10)], abs=1e-3)
    assert films.seconds(accurate) == pytest.approx(1.0, abs=0.07)
    fast = pxtv.clip(clip, start_time=0.5, end_time=1.5, mode='fast')
    assert len(films.times(fast)) >= 10
    assert pxtv.clip(clip, start_time=99) is None
    for options in (
        {'start_time': -1},
        {'start_time': 1, 'end_time': 1},
        {'start_time': 0, 'end_time': 1, 'duration': 1},
    ):
        with pytest.raises(pxt.RequestError):
            pxtv.clip(clip, **options)


def test_segments(clip: str) -> None:
    found = pxtv.segment_video(clip, duration=0.8)
    assert [(each['segment_start'], each['segment_end']) for each in found] == [(0.0, 0.8), (0.8, 1.6), (1.6, 2.0)]
    assert [len(films.times(each['video_segment'])) for each in found] == [8, 8, 4]
    for options in ({}, {'duration': 1, 'segment_times': [1]}, {'segment_times': [2, 1]}, {'duration': -1}):
        with pytest.raises(pxt.RequestError):
            pxtv.segment_video(clip, **options)


def test_concat(clip: str, silent: str) -> None:
    joined = pxtv.concat_videos([clip, silent, clip])
    assert len(films.times(joined)) == 60
    assert films.times(joined)[-1] == pytest.approx(5.9, abs=1e-3)
    wave = films.samples(joined)[0]
    assert np.abs(wave[: films.RATE]).max() > 0.1
    assert np.abs(wave[round(2.3 * films.RATE) : round(3.7 * films.RATE)]).max() < 0.01
    assert pxtv.concat_videos([]) is None
    assert pxtv.concat_videos([clip, None]) is None


def test_sound(clip: str, silent: str, tmp_path: Path) -> None:
    for format_ in ('wav', 'mp3', 'flac'):
        path = pxtv.extract_audio(clip, format=format_)
        assert path.endswith(f'.{format_}')
        assert films.seconds(path) == pytest.approx(2.0, abs=0.1)
    assert pxtv.extract_audio(clip, format='mp4').endswith('.m4a')
    assert pxtv.extract_audio(silent) is None
    assert pxtv.extract_audio(clip, stream_idx=3) is None
    with pytest.raises(pxt.RequestError, match='no format'):
        pxtv.extract_audio(clip, format='nonsense')
    tone = str(films.sound(tmp_path / 't.wav', 3.0))
    assert films.seconds(pxtv.with_audio(silent, tone, audio_duration=1.0)) == pytest.approx(1.0, abs=0.1)
    assert films.seconds(pxtv.with_audio(silent, tone, audio_start_time=0.5)) == pytest.approx(2.0, abs=0.1)
    assert films.seconds(pxtv.with_audio(silent, tone, video_start_time=1.5)) == pytest.approx(0.5, abs=0.1)
    assert films.seconds(pxtv.mix_audio(clip, tone)) == pytest.approx(2.0, abs=0.1)
    quiet = films.samples(pxtv.mix_audio(silent, tone, audio_volume=0.1))
    assert 0.02 < np.abs(quiet).max() < 0.05


FILTERS: list[tuple[str, dict[str, Any], tuple[int, int], int]] = [
    ('crop', {'bbox': [2, 2, 20, 10]}, (20, 10), 20),
    ('crop', {'bbox': [2, 2, 22, 12], 'bbox_format': 'xyxy'}, (20, 10), 20),
    ('resize', {'width': 32}, (32, 24), 20),
    ('resize', {'scale': 2.0}, (128, 96), 20),
    ('reverse', {}, (64, 48), 20),
    ('fade_in', {}, (64, 48), 20),
    ('fade_out', {'color': 'white'}, (64, 48), 20),
    ('speed', {'factor': 3.0}, (64, 48), 20),
    ('mirror_y', {}, (64, 48), 20),
    ('rotate', {'angle': 90, 'expand': True}, (48, 64), 20),
    ('grayscale', {}, (64, 48), 20),
    ('adjust_brightness', {'factor': 0.5}, (64, 48), 20),
    ('scroll', {'w': 20, 'h': 20, 'x_speed': 10}, (20, 20), 20),
    ('pan', {'x_sign': 1}, (50, 48), 20),
    ('zoom', {}, (64, 48), 20),
    ('ffmpeg_filter', {'vf': 'scale=32:24,hflip', 'af': 'volume=0.1'}, (32, 24), 20),
    ('overlay_text', {'text': 'x', 'box': True, 'box_border': [2, 4]}, (64, 48), 20),
    ('overlay_text', {'text': '', 'box': True}, (64, 48), 20),
]  # fmt: skip


@pytest.mark.parametrize(('name', 'options', 'size', 'frames'), FILTERS, ids=[each[0] for each in FILTERS])
def test_filters(name: str, options, size, frames, clip: str) -> None:
    path = getattr(pxtv, name)(clip, **options)
    assert films.size(path) == size
    assert len(films.times(path)) == frames


@pytest.mark.parametrize('options', [{'width': 1}, {'height': 1}, {'scale': 0.001}, {'width': 1, 'height': 1}])
def test_the_smallest_film(options, clip: str) -> None:
    assert films.size(pxtv.resize(clip, **options)) == (2, 2)


def test_what_filters_do(clip: str) -> None:
    assert red_side(pxtv.extract_frame(pxtv.mirror_x(clip), timestamp=0))[2]
    assert red_side(pxtv.extract_frame(pxtv.rotate(clip, angle=90, expand=True), timestamp=0))[1]
    gray = pxtv.extract_frame(pxtv.grayscale(clip), timestamp=0).getpixel((5, 5))
    assert max(gray) - min(gray) < 6
    faster = pxtv.speed(clip, factor=2.0)
    assert films.times(faster)[-1] == pytest.approx(0.95, abs=0.01)
    assert pxtv.get_duration(faster) == pytest.approx(1.0, abs=1e-3)
    backwards = pxtv.reverse(clip)
    assert pxtv.extract_frame(backwards, timestamp=0).getpixel((50, 20))[2] > 80
    assert films.samples(backwards) is None
    dot = PIL.Image.new('RGB', (10, 10), 'white')
    shown = pxtv.overlay_image(clip, dot, horizontal_align='left', vertical_align='top', start_time=1.0)
    assert pxtv.extract_frame(shown, timestamp=0.5).getpixel((4, 4))[1] < 30
    assert pxtv.extract_frame(shown, timestamp=1.5).getpixel((4, 4))[1] > 200


@pytest.mark.parametrize('effect', ['fade', 'wipeleft', 'dissolve'])
def test_transitions(effect: str, clip: str, silent: str) -> None:
    path = pxtv.transition(clip, silent, effect=effect, duration=0.5)
    assert films.times(path)[-1] == pytest.approx(3.4, abs=0.05)
    with pytest.raises(pxt.RequestError, match='too long'):
        pxtv.transition(clip, silent, duration=5.0)


@pytest.mark.parametrize('content', [b'', b'no film at all', b'\0' * 5000])
def test_no_film(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / 'x.mp4'
    path.write_bytes(content)
    with pytest.raises(pxt.RequestError) as raised:
        pxtv.get_metadata(str(path))
    assert raised.value.error_code is pxt.ErrorCode.INVALID_DATA_FORMAT


def test_wrong_options(clip: str) -> None:
    for call in (
        lambda: pxtv.ffmpeg_filter(clip, vf='nonsense=1'),
        lambda: pxtv.ffmpeg_filter(clip, vf='scale=a:b'),
        lambda: pxtv.resize(clip),
        lambda: pxtv.crop(clip, [0, 0, 0, 0]),
        lambda: pxtv.crop(clip, [0, 0, 640, 10]),
        lambda: pxtv.speed(clip, factor=0),
        lambda: pxtv.grayscale(clip, video_encoder='nonsense'),
        lambda: pxtv.with_audio(clip, clip, video_start_time=-1.0),
        lambda: pxtv.with_audio(clip, clip, audio_duration=0.0),
        lambda: pxtv.segment_video(clip, segment_times=[]),
        lambda: pxtv.overlay_text(clip, 'x', font_size=0),
        lambda: pxtv.overlay_text(clip, 'x', color='no colour'),
        lambda: pxtv.overlay_text(clip, 'x', font='/nowhere.ttf'),
    ):
        with pytest.raises(pxt.RequestError):
            call()


def test_damaged_packets_are_passed_over(tmp_path: Path) -> None:
    path = films.film(tmp_path / 'd.avi', sound=False, codec='mpeg4', options={'g': '5'})
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 2, len(data) // 2 + 400):
        data[place] = 0x55
    path.write_bytes(bytes(data))
    assert 5 < len(list(positions(str(path)))) <= 20
