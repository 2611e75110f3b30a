"""Files of sound that are made of others: as long, as early, as precise, and of as many channels, if their codecs can do that."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from pixeltable.functions._av.recording import write_audio, write_same
from pixeltable.functions._av.sources import sounds

RATE = 48_000


def tone(layout: str = 'stereo', rate: int = RATE, format_: str = 'flt') -> Iterator[Any]:
    """A second of sound, each channel another."""
    channels = av.AudioLayout(layout).nb_channels
    times = np.arange(rate) / rate
    waves = [np.sin(2 * np.pi * (300 + 100 * channel) * times) * times * 0.5 for channel in range(channels)]
    whole = np.stack(waves, 1).astype(np.float32)
    resampler = av.AudioResampler(format=format_)
    for start in range(0, rate, 1024):
        part = np.ascontiguousarray(whole[start : start + 1024]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, 'flt', layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        yield from resampler.resample(frame)


def samples(path: str) -> Any:
    with av.open(path) as container:
        resampler = av.AudioResampler(format='dblp')
        parts = [made.to_ndarray() for frame in container.decode(audio=0) for made in resampler.resample(frame)]
        return np.concatenate(parts, axis=1)


@pytest.mark.parametrize(
    ('suffix', 'codec', 'layout', 'format_'),
    [
        ('.wav', 'pcm_s24le', 'stereo', 's32'),
        ('.wav', 'pcm_f32le', 'stereo', 'flt'),
        ('.wav', 'pcm_u8', 'mono', 'u8'),
        ('.wav', 'pcm_s16le', '5.1', 's16'),
        ('.flac', 'flac', 'stereo', 's32'),
        ('.m4a', 'alac', 'stereo', 's32p'),
    ],
)
def test_nothing_is_lost(suffix: str, codec: str, layout: str, format_: str) -> None:
    path = write_audio(tone(layout, format_=format_), suffix, codec)
    made = write_same(sounds(path), path)
    with av.open(made) as container:
        assert container.streams.audio[0].codec_context.name == codec
    assert np.array_equal(samples(made), samples(path))


@pytest.mark.parametrize('suffix', ['.m4a', '.mp4', '.mp3', '.mkv', '.webm', '.opus'])
def test_sound_is_as_early_as_it_was(suffix: str) -> None:
    made = samples(write_audio(tone(), suffix))
    expected = samples(write_audio(tone(), '.wav'))
    assert np.abs(made[:, 10_000:40_000] - expected[:, 10_000:40_000]).max() < 0.05


def test_a_rate_that_the_codec_does_not_have() -> None:
    made = write_audio(tone(rate=44_100), '.webm')
    with av.open(made) as container:
        assert container.streams.audio[0].rate == RATE


def test_a_cut_between_two_frames() -> None:
    path = write_audio(tone(), '.flac')
    size = next(sounds(path)).samples
    first = next(sounds(path, 2 * size / RATE))
    assert (first.pts, first.samples) == (0, size)
