"""Sound in parts, cut where it is silent if that is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.reading import audio_stream, decoded, opened

_STEP = 0.01
"""The loudness is looked at in steps of so many seconds."""


def length_of(path: str) -> float:
    """How many seconds a sound lasts, by its samples: files do not always tell the truth."""
    return _loudness(path)[1]


def peak_of(path: str) -> float:
    """The largest absolute sample, of 1.0."""
    return max((float(np.abs(samples).max()) for samples, _ in _samples(path)), default=0.0)


def silences(path: str, least: float, threshold: float) -> list[tuple[float, float]]:
    """Where it is quieter than `threshold` decibels below full scale for `least` seconds or more."""
    levels, _ = _loudness(path)
    is_quiet = 20 * np.log10(np.maximum(levels, 1e-9)) < threshold
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_quiet.astype(np.int8), [0]))))
    spans = [(float(start * _STEP), float(end * _STEP)) for start, end in edges.reshape(-1, 2)]
    return [(start, end) for start, end in spans if end - start >= least]


def _loudness(path: str) -> tuple[np.ndarray[Any, Any], float]:
    """The root mean square of each step, and the length in seconds."""
    parts, rate, count = [], 1, 0
    for samples, found in _samples(path):
        parts.append((samples.astype(np.float32) ** 2).mean(axis=0))
        rate, count = found, count + samples.shape[1]
    if not parts:
        return np.empty(0), 0.0
    power = np.concatenate(parts)
    size = max(1, round(rate * _STEP))
    whole = len(power) // size * size
    means = power[:whole].reshape(-1, size).mean(axis=1)
    if whole < len(power):
        means = np.append(means, power[whole:].mean())
    return np.sqrt(means), count / rate


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
