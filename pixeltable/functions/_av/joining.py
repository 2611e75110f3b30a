"""Several films as one stream of frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np

from pixeltable.functions._av.converting import converted
from pixeltable.functions._av.sources import duration, pictures, sounds

RATE, LAYOUT, FORMAT = 48_000, 'stereo', 'fltp'
TICK = Fraction(1, RATE)
_SAMPLES = 1024


def pictures_of(paths: Sequence[str]) -> Iterator[Any]:
    """The frames of all films, in the size of the first."""
    size: tuple[int, int] | None = None
    offset = 0.0
    for path in paths:
        last = 0.0
        for frame in pictures(path):
            size = size or (frame.width, frame.height)
            made = converted(frame, *size) if (frame.width, frame.height) != size else frame
            last = float(frame.time or 0.0)
            made.pts = round((last + offset) / frame.time_base)
            made.time_base = frame.time_base
            yield made
        offset += max(duration(path) or 0.0, last)


def sounds_of(paths: Sequence[str]) -> Iterator[Any] | None:
    """The sound of all films, with silence where one has none; None if all are silent."""
    if all(sounds(path) is None for path in paths):
        return None
    return _sounds_of(paths)


def _sounds_of(paths: Sequence[str]) -> Iterator[Any]:
    done, length = 0, 0.0
    for path in paths:
        length += duration(path) or 0.0
        until = round(length * RATE)
        for made in resampled(sounds(path) or iter(())):
            if done + made.samples > until:
                break
            made.pts, made.time_base = done, TICK
            done += made.samples
            yield made
        for made in silence(until - done):
            made.pts, made.time_base = done, TICK
            done += made.samples
            yield made


def resampled(frames: Iterator[Any]) -> Iterator[Any]:
    """Frames of sound in one rate, layout and format, numbered anew."""
    resampler = av.AudioResampler(format=FORMAT, layout=LAYOUT, rate=RATE)
    done = 0
    for frame in frames:
        for made in resampler.resample(frame):
            made.pts, made.time_base = done, TICK
            done += made.samples
            yield made


def silence(samples: int) -> Iterator[Any]:
    """So many samples of silence."""
    while samples > 0:
        count = min(samples, _SAMPLES)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, count), np.float32), FORMAT, LAYOUT)
        frame.sample_rate = RATE
        yield frame
        samples -= count
