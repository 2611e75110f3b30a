"""Views of frames, parts of films and sounds, and tiles."""

from __future__ import annotations

from pathlib import Path

import films
import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.config.settings import Settings
from pixeltable.functions.audio import audio_splitter
from pixeltable.functions.image import stitch_tiles, tile_iterator
from pixeltable.functions.video import frame_iterator, legacy_frame_iterator, video_splitter


@pxt.udf
def blue(image: PIL.Image.Image) -> int:
    return image.getpixel((50, 20))[2]


@pytest.fixture
def videos(tmp_path: Path) -> pxt.Table:
    t = pxt.create_table('videos', {'video': pxt.Video | None})
    t.insert([{'video': films.film(tmp_path / 'a.mp4')}, {'video': None}])
    return t


def test_frames(videos, tmp_path: Path) -> None:
    frames = pxt.create_view('frames', videos, iterator=frame_iterator(videos.video, fps=2))
    rows = frames.order_by(frames.pos).collect()
    assert [row['pos'] for row in rows] == [0, 1, 2, 3]
    assert [row['frame_attrs']['index'] for row in rows] == [0, 5, 10, 15]
    assert rows[0]['frame'].size == (64, 48)
    frames.add_computed_column(blue=blue(frames.frame))
    frames.add_computed_column(small=frames.frame.resize((8, 6)))
    assert frames.order_by(frames.pos).collect()['blue'] == pytest.approx([0, 25, 50, 75], abs=6)
    videos.insert(video=films.film(tmp_path / 'b.mp4', frames=10))
    assert frames.count() == 6
    assert None not in frames.collect()['blue']
    assert list(pxt.home().rglob('media/*.webp')) != []  # the small ones alone
    assert frames.where(frames.frame.width == 64).count() == 6


def test_frames_and_tiles_are_said_not_to_be_stored(videos) -> None:
    frames = pxt.create_view('frames', videos, iterator=frame_iterator(videos.video, fps=2))
    frames.rename_column('frame', 'shot')
    tiles = pxt.create_view('tiles', frames, iterator=tile_iterator(frames.shot, (32, 24)))
    columns = tiles.get_metadata()['columns']
    stored = {name: column['is_stored'] for name, column in columns.items()}
    assert [name for name, is_stored in stored.items() if not is_stored] == ['tile', 'shot']
    assert stored.keys() >= {'tile_box', 'frame_attrs', 'video'}


def test_the_legacy_columns(videos) -> None:
    frames = pxt.create_view('frames', videos, iterator=legacy_frame_iterator(videos.video, num_frames=4))
    rows = frames.select(frames.frame_idx, frames.pos_msec, frames.pos_frame).order_by(frames.frame_idx).collect()
    assert [tuple(row.values()) for row in rows] == [(0, 200.0, 2), (1, 700.0, 7), (2, 1200.0, 12), (3, 1700.0, 17)]


@pytest.mark.parametrize('options', [{'fps': 1, 'num_frames': 2}, {'fps': 0}, {'num_frames': -1}, {'fps': 'x'}])
def test_wrong_options(options, videos) -> None:
    with pytest.raises(pxt.Error):
        frame_iterator(videos.video, **options)


def test_parts(videos) -> None:
    parts = pxt.create_view('parts', videos, iterator=video_splitter(videos.video, duration=0.8))
    rows = parts.order_by(parts.pos).collect()
    assert [len(films.times(row['video_segment'])) for row in rows] == [8, 8, 4]
    assert all(Path(row['video_segment']).is_relative_to(pxt.home()) for row in rows)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({}, 'either duration or segment_times'),
        ({'duration': 1.0, 'segment_times': [1.0]}, 'either duration or segment_times'),
        ({'duration': -1.0}, 'duration is above 0'),
        ({'duration': 1.0, 'overlap': 1.0}, 'duration is above 0'),
        ({'segment_times': [2.0, 1.0]}, 'must rise'),
        ({'segment_times': []}, 'must rise'),
        ({'segment_times': [1.0], 'overlap': 0.1, 'mode': 'fast'}, 'overlap is for'),
        ({'duration': 1.0, 'min_segment_duration': 2.0}, 'at most duration'),
        ({'duration': 1.0, 'mode': 'fast', 'video_encoder': 'libx264'}, 'encodes nothing'),
    ],
)
def test_wrong_parts(options, message, videos) -> None:
    with pytest.raises(pxt.RequestError, match=message):
        video_splitter(videos.video, **options)


@pytest.mark.parametrize(
    'options',
    [
        {},
        {'duration': 1.0, 'max_size': 9},
        {'max_size': 0},
        {'duration': 1.0, 'overlap': 1.0},
        {'duration': 1.0, 'min_segment_duration': 2.0},
    ],
)
def test_wrong_parts_of_sound(options, videos) -> None:
    with pytest.raises(pxt.RequestError, match='duration'):
        audio_splitter(videos.video.extract_audio(), **options)


def test_sounds(tmp_path: Path) -> None:
    path = tmp_path / 'a.wav'
    quiet = np.zeros(films.RATE // 2)
    wave = np.concatenate([np.sin(np.arange(films.RATE) / 5) * 0.5, quiet, np.sin(np.arange(films.RATE) / 5) * 0.5])
    from pixeltable.functions.audio import encode_audio
    from pixeltable.udf.calling import direct_calls

    with direct_calls():
        path = encode_audio(wave, input_sample_rate=films.RATE, format='wav')
    t = pxt.create_table('t', {'audio': pxt.Audio | None})
    t.insert([{'audio': path}, {'audio': None}])
    parts = pxt.create_view('parts', t, iterator=audio_splitter(t.audio, duration=1.0, overlap=0.2))
    assert [row['segment_start'] for row in parts.order_by(parts.pos).collect()] == pytest.approx([0.0, 0.8, 1.6])
    cut = pxt.create_view('cut', t, iterator=audio_splitter(t.audio, duration=1.5, min_silence_len=0.3))
    rows = cut.order_by(cut.pos).collect()
    assert rows[0]['segment_end'] == pytest.approx(1.25, abs=0.05)
    assert films.seconds(rows[0]['audio_segment']) == pytest.approx(1.25, abs=0.05)


def test_tiles(monkeypatch) -> None:
    image = PIL.Image.effect_noise((32, 20), 70).convert('RGB')
    t = pxt.create_table('t', {'img': pxt.Image | None})
    t.insert([{'img': image}, {'img': None}])
    tiles = pxt.create_view('tiles', t, iterator=tile_iterator(t.img, (16, 16), overlap=(4, 0)))
    rows = tiles.order_by(tiles.pos).collect()
    assert [row['tile_box'] for row in rows[:3]] == [[0, 0, 16, 16], [12, 0, 28, 16], [24, 0, 40, 16]]
    assert np.array_equal(np.asarray(rows[1]['tile']), np.asarray(image.crop((12, 0, 28, 16))))
    whole = tiles.select(img=stitch_tiles(tiles.pos, tiles.tile, tiles.tile_box, t.img.width, t.img.height)).collect()[
        0
    ]['img']
    assert np.array_equal(np.asarray(whole), np.asarray(image))
    monkeypatch.setattr(Settings, 'vacuum_grace_s', 0.0)
    pxt.vacuum(1)
    assert tiles.collect()[0]['tile'].size == (16, 16)


def test_tiles_end_where_the_image_ends() -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert([{'img': PIL.Image.new('L', (40, 30))}])
    tiles = pxt.create_view('tiles', t, iterator=tile_iterator(t.img, (16, 16), overlap=(4, 2)))
    assert [row['tile_coord'] for row in tiles.collect()] == [[x, y] for y in range(2) for x in range(3)]
    for size, overlap, words in (
        ((0, 4), (0, 0), 'tile_size'),
        ((4, 4), (4, 0), 'less than'),
        ((4, 4), (-1, 0), 'from 0'),
    ):
        with pytest.raises(pxt.RequestError, match=words):
            pxt.create_view('wrong', t, iterator=tile_iterator(t.img, size, overlap=overlap))
