"""Films and sounds in parts: nothing is lost or comes twice, whatever the format, and the rest of a damaged file is there."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import films
import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.functions._av.sources import sounds
from pixeltable.functions._av.splitting import Plan, parts
from pixeltable.functions.audio import encode_audio
from pixeltable.functions.video import extract_frame, segment_video
from pixeltable.functions.video.cutting import segments
from pixeltable.functions.video.frames import positions
from pixeltable.media.frames import FrameReader

pytestmark = pytest.mark.usefixtures('run_at_once')

FILMS: dict[str, tuple[str, dict[str, Any]]] = {
    'plain': ('a.mp4', {}),
    'no sound': ('a.mp4', {'sound': False}),
    'b frames': ('a.mp4', {'options': {'bf': '3', 'g': '10'}}),
    'few key frames': ('a.mp4', {'options': {'g': '1000'}}),
    'variable rate': ('a.mp4', {'ticks': lambda number: number * number, 'sound': False, 'frames': 20}),
    'rotated': ('a.mp4', {'rotation': 90}),
    'matroska': ('a.mkv', {}),
    'without an index': ('a.ts', {}),
    'avi': ('a.avi', {'codec': 'mpeg4'}),
    'VP8': ('a.webm', {'codec': 'libvpx', 'sound': False}),
    'ProRes': ('a.mov', {'codec': 'prores_ks', 'format': 'yuv422p10le'}),
    'AV1': ('a.mp4', {'codec': 'libsvtav1', 'options': {'g': '5', 'preset': '12'}}),
}


@pytest.fixture(params=FILMS)
def film(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    name, how = FILMS[request.param]
    return str(films.film(tmp_path / name, **{'frames': 30, 'options': {'g': '5'}, **how}))


def blue(image: Any) -> int:
    """The blue of a picture, which tells one frame from the other."""
    return int(image.getchannel('B').getextrema()[1])


def pictures(path: str) -> list[int]:
    with av.open(path) as container:
        return [blue(frame.to_image()) for frame in container.decode(video=0)]


@pytest.mark.parametrize('mode', ['accurate', 'fast'])
def test_parts_are_the_whole(mode: str, film: str) -> None:
    found = list(segments(film, 1.0, None, mode))
    shown = [each for part in found for each in pictures(part['video_segment'])]
    assert shown == pytest.approx(pictures(film), abs=12)
    assert all(one['segment_end'] == other['segment_start'] for one, other in pairwise(found))
    assert found[0]['segment_start'] == 0.0
    if mode == 'fast':  # each begins with a key frame, which is shown at once
        assert [films.times(each['video_segment'])[0] for each in found] == pytest.approx([0.0] * len(found), abs=1e-3)


def test_frames_one_by_one_are_those_of_the_film(film: str) -> None:
    reader, expected = FrameReader(film), pictures(film)
    times = [each['pts'] for each in positions(film)]
    for number in (17, 3, 19, 18, 0, 12):
        found = reader.frames([times[number]])[times[number]]
        assert blue(found.picture()) == pytest.approx(expected[number], abs=12)
    reader.close()


def test_a_frame_by_its_time_in_any_format(film: str) -> None:
    moments = [each['time'] for each in positions(film)]
    image = extract_frame(film, timestamp=moments[12] - moments[0] + 0.001)
    assert blue(image) == pytest.approx(pictures(film)[12], abs=12)


def test_options(tmp_path: Path) -> None:
    path = str(films.film(tmp_path / 'a.mp4', options={'g': '2'}))
    overlapping = list(segments(path, 1.0, None, 'accurate', overlap=0.5))
    assert [(each['segment_start'], each['segment_end']) for each in overlapping] == [
        (0.0, 1.0),
        (0.5, 1.5),
        (1.0, 2.0),
    ]
    long_enough = list(segments(path, 0.8, None, 'accurate', least=0.5))
    assert [each['segment_start'] for each in long_enough] == [0.0, 0.8]
    cut = segment_video(path, segment_times=[0.4, 1.0, 9.0], mode='fast')
    assert [(each['segment_start'], each['segment_end']) for each in cut] == [(0.0, 0.4), (0.4, 1.0), (1.0, 2.0)]
    assert [len(films.times(each['video_segment'])) for each in cut] == [4, 6, 10]
    assert [each['segment_end'] for each in segments(path, 60.0, None, 'fast')] == [2.0]


def test_damaged_packets(tmp_path: Path) -> None:
    path = films.film(tmp_path / 'd.avi', sound=False, codec='mpeg4', options={'g': '5'}, frames=40)
    content = bytearray(path.read_bytes())
    place = len(content) // 2
    content[place : place + 400] = b'\x55' * 400
    path.write_bytes(bytes(content))
    for mode in ('accurate', 'fast'):
        found = list(segments(str(path), 1.0, None, mode))
        assert 30 < sum(len(films.times(each['video_segment'])) for each in found) <= 40


@pytest.fixture
def speech() -> str:
    """A second of sound, half a second of silence, and so on, until 4.5 s have passed."""
    wave = {'loud': np.sin(np.arange(films.RATE) / 5) * 0.5, 'quiet': np.zeros(films.RATE // 2)}
    samples = np.concatenate([wave[each] for each in ('quiet', 'loud', 'quiet', 'loud', 'quiet', 'loud')])
    return encode_audio(samples, input_sample_rate=films.RATE, format='wav')


def split(path: str, **options: Any) -> list[tuple[float, float]]:
    given = {'duration': None, 'max_size': None, 'overlap': 0.0, 'least': 0.0, 'silence': None, 'threshold': -40.0}
    found = list(parts(path, Plan(**{**given, 'trim': False, **options})))
    for start, end, part in found:
        assert films.seconds(part) == pytest.approx(end - start, abs=0.02)
    return [(round(start, 2), round(end, 2)) for start, end, _ in found]


def test_sound_in_parts(speech: str) -> None:
    assert split(speech, duration=2.0) == [(0.0, 2.0), (2.0, 4.0), (4.0, 4.5)]
    assert split(speech, duration=2.0, overlap=0.5) == [(0.0, 2.0), (1.5, 3.5), (3.0, 4.5)]
    assert split(speech, duration=2.0, least=1.0) == [(0.0, 2.0), (2.0, 4.0)]
    assert split(speech, duration=9.0) == [(0.0, 4.5)]
    half = Path(speech).stat().st_size // 2
    made = [Path(part).stat().st_size for _, _, part in parts(speech, Plan(None, half, 0.0, 0.0, None, -40.0, False))]
    assert len(made) == 3
    assert half * 0.9 < max(made) <= half


@pytest.mark.parametrize(('name', 'suffix'), [('a.wma', '.wav'), ('a.MP3', '.mp3'), ('a.mp4', '.m4a')])
def test_parts_of_a_format_that_cannot_be_written_are_wav(name: str, suffix: str, speech: str) -> None:
    path = Path(speech).rename(Path(speech).with_name(name))
    made = [part for _, _, part in parts(str(path), Plan(2.0, None, 0.0, 0.0, None, -40.0, False))]
    assert [Path(part).suffix for part in made] == [suffix] * 3


def test_silences(speech: str) -> None:
    assert split(speech, duration=2.0, silence=0.3) == [(0.0, 1.75), (1.75, 3.25), (3.25, 4.5)]
    assert split(speech, duration=2.0, silence=0.3, threshold=-120.0)[0] == (0.0, 1.75)
    assert split(speech, duration=2.0, silence=0.8) == [(0.0, 2.0), (2.0, 4.0), (4.0, 4.5)]
    assert split(speech, duration=2.0, silence=0.3, trim=True) == [(0.5, 1.75), (2.0, 3.25), (3.5, 4.5)]


def test_sound_without_sound(tmp_path: Path) -> None:
    with pytest.raises(pxt.RequestError, match='no sound in it'):
        split(str(films.film(tmp_path / 'a.mp4', sound=False)), duration=1.0)


def test_damaged_sound(tmp_path: Path) -> None:
    path = Path(encode_audio(np.sin(np.arange(films.RATE * 4) / 5), input_sample_rate=films.RATE, format='mp3'))
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 300] = bytes(300)
    (tmp_path / 'a.mp3').write_bytes(bytes(content))
    found = list(parts(str(tmp_path / 'a.mp3'), Plan(1.0, None, 0.0, 0.0, None, -40.0, False)))
    assert len(found) in (4, 5)


def test_a_film_whose_codec_no_file_takes_is_not_copied(tmp_path: Path) -> None:
    path = films.film(tmp_path / 'a.gif', codec='gif', sound=False, format='rgb8')
    with pytest.raises(pxt.Error, match=r"copied: MP4 and Matroska take no gif; mode='accurate' encodes"):
        list(segments(str(path), 1.0, None, 'fast'))


def test_sound_that_counts_whole_frames(tmp_path: Path) -> None:
    path = films.film(tmp_path / 'a.avi', codec='mpeg4', frames=30, sound_codec='libmp3lame')
    first, *others = sounds(str(path), 0.5, 1.5)
    assert first.pts == 0
    ends = [each.pts + each.samples for each in (first, *others)]
    assert [each.pts for each in others] == ends[:-1]
    assert ends[-1] == films.RATE


@pytest.mark.parametrize('options', [{}, {'fps': 5.0}, {'num_frames': 3}, {'keyframes_only': True}])
def test_a_film_without_times(options: dict[str, Any], tmp_path: Path) -> None:
    path = str(films.film(tmp_path / 'a.h264', sound=False))
    with pytest.raises(pxt.Error, match='does not say when its frames are shown'):
        list(positions(path, **options))
    with pytest.raises(pxt.Error, match='does not say when its frames are shown'):
        list(segments(path, 1.0, None))


@pytest.mark.parametrize(
    ('name', 'sound_codec'), [('a.mp4', 'aac'), ('a.ts', 'aac'), ('a.avi', 'libmp3lame'), ('a.mpg', 'mp2')]
)
def test_a_part_of_a_sound_is_what_it_was(name: str, sound_codec: str, tmp_path: Path) -> None:
    codec = 'libx264' if sound_codec == 'aac' else 'mpeg2video'
    path = str(films.film(tmp_path / name, codec=codec, rate=25, frames=60, sound_codec=sound_codec))

    def samples(*times: float) -> Any:
        return np.concatenate([each.to_ndarray() for each in sounds(path, *times)], axis=1)[0].astype(float)

    whole = samples()
    start = round(0.73 * films.RATE)
    part = samples(0.73, 1.33)
    assert len(part) == round(0.6 * films.RATE)
    assert np.abs(part - whole[start : start + len(part)]).max() <= np.abs(whole).max() / 1000


def test_a_frame_that_is_said_to_be_shown_after_hours(tmp_path: Path) -> None:
    path = str(
        films.film(tmp_path / 'a.mp4', frames=20, sound=False, ticks=lambda number: number * 10 + (number > 18) * 10**7)
    )
    found = list(segments(path, 1.0, None))
    assert [each['segment_start'] for each in found] == [0.0, 1.0, 100_001.0]
    assert [len(films.times(each['video_segment'])) for each in found] == [10, 9, 1]
