"""Sound in parts, cut where it is silent if that is asked for."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.reading import audio_stream, decoded, opened
from pixeltable.functions._av.recording import write_same
from pixeltable.functions._av.sources import sounds

_STEP = 0.01
"""The loudness is looked at in steps of so many seconds."""

_ROOM = 0.97
"""What a part of a certain size may hold: each has a header of its own."""

Levels = np.ndarray[Any, np.dtype[np.float32]]


def peak_of(path: str) -> float:
    """The largest absolute sample, of 1.0."""
    return max((float(np.abs(samples).max()) for samples, _ in _samples(path)), default=0.0)


def silences(levels: Levels, least: float, threshold: float) -> list[tuple[float, float]]:
    """Where it is quieter than `threshold` decibels below full scale for `least` seconds or more."""
    is_quiet = 20 * np.log10(np.maximum(levels, 1e-9)) < threshold
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_quiet.astype(np.int8), [0]))))
    spans = [(float(start * _STEP), float(end * _STEP)) for start, end in edges.reshape(-1, 2)]
    return [(start, end) for start, end in spans if end - start >= least]


def loudness(path: str) -> tuple[Levels, float]:
    """The root mean square of each step, and the length in seconds, by the samples: files do not always tell the truth."""
    means, rest = [np.empty(0, np.float32)], np.empty(0, np.float32)
    rate, count = 1, 0
    for samples, rate in _samples(path):
        count += samples.shape[1]
        power = np.concatenate((rest, (samples.astype(np.float32) ** 2).mean(axis=0)))
        size = max(1, round(rate * _STEP))
        whole = len(power) // size * size
        means.append(power[:whole].reshape(-1, size).mean(axis=1))
        rest = power[whole:]
    if len(rest):
        means.append(rest.mean(keepdims=True))
    return np.sqrt(np.concatenate(means)), count / rate


def _samples(path: str) -> Any:
    """Frames of samples as `(channels, samples)` from -1.0 to 1.0, with their rate."""
    import av

    with opened(path) as container:
        stream = audio_stream(container)
        if stream is None:
            raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{path!r} has no sound in it.')
        resampler = av.AudioResampler(format='fltp')
        for frame in decoded(container, stream):
            for made in resampler.resample(frame):
                yield made.to_ndarray(), made.sample_rate


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sound is split; see `audio.audio_splitter`."""

    duration: float | None
    max_size: int | None
    overlap: float
    least: float
    silence: float | None
    threshold: float
    trim: bool

    def __post_init__(self) -> None:
        if (self.duration is None) == (self.max_size is None):
            raise RequestError(ErrorCode.INVALID_ARGUMENT, 'audio_splitter() takes either duration or max_size.')
        if (
            (self.duration or self.max_size or 0) <= 0
            or self.overlap < 0
            or self.overlap >= (self.duration or math.inf)
        ):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                'audio_splitter(): duration and max_size are above 0, and overlap from 0 and below duration, not '
                f'{self.max_size if self.duration is None else self.duration} and {self.overlap}.',
            )
        if self.least < 0 or (self.silence is not None and self.silence <= 0) or self.threshold > 0:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                'audio_splitter(): min_segment_duration is from 0, min_silence_len above 0, and silence_thresh at most 0, '
                f'not {self.least}, {self.silence} and {self.threshold}.',
            )
        if self.least > (self.duration or math.inf):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'audio_splitter(): min_segment_duration is at most duration, {self.duration}, not {self.least}.',
            )


def parts(path: str, plan: Plan) -> Iterator[tuple[float, float, str | None]]:
    """Start and end of each part in seconds, and the file with it."""
    levels, length = loudness(path)
    step = plan.duration or length * _ROOM * (plan.max_size or 1) / max(1, os.path.getsize(path))
    if step < _STEP and plan.duration is None:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'audio_splitter(): max_size, {plan.max_size} bytes, is too small for any part of {path!r}.',
        )
    quiet = silences(levels, plan.silence if plan.silence is not None else _STEP * 10, plan.threshold)
    start = 0.0
    while start < length - _STEP / 2:
        if plan.trim:
            start = next((end for begin, end in quiet if begin <= start < end), start)
        end = min(start + step, length)
        if plan.silence is not None and end < length:
            middles = [(a + b) / 2 for a, b in quiet if start + step / 2 < (a + b) / 2 <= end]
            end = middles[-1] if middles else end
        if end - start >= plan.least and end > start:
            yield start, end, _part(path, start, end)
        if end >= length:
            return
        start = max(start + _STEP, end - plan.overlap)


def _part(path: str, start: float, end: float) -> str | None:
    track = sounds(path, start, end)
    return None if track is None else write_same(track, path)
