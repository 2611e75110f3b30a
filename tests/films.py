"""Films and sounds that tests make with PyAV."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE = 16_000
Paint = Callable[[int], Any]


def halves(number: int) -> Any:
    """Red on the left, and blue that grows on the right."""
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, :32] = (255, 0, 0)
    pixels[:, 32:] = (0, 0, min(255, number * 5))
    return pixels


def film(
    path: Path,
    *,
    frames: int = 20,
    rate: int = 10,
    sound: bool = True,
    paint: Paint = halves,
    codec: str = 'libx264',
    ticks: Callable[[int], int] | None = None,
    rotation: int = 0,
    options: dict[str, str] | None = None,
    format: str = 'yuv420p',
    sound_codec: str = 'aac',
) -> Path:
    """A film of `frames` frames; `ticks` gives their times in hundredths of seconds."""
    with av.open(str(path), 'w') as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        first = paint(0)
        stream.height, stream.width, stream.pix_fmt = first.shape[0], first.shape[1], format
        if ticks is not None:
            stream.codec_context.time_base = Fraction(1, 100)
        if rotation:
            stream.set_display_rotation(rotation)
        track = container.add_stream(sound_codec, rate=RATE, layout='mono') if sound else None
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(paint(number), format='rgb24')
            frame.pts = number if ticks is None else ticks(number)
            frame.time_base = Fraction(1, rate if ticks is None else 100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if track is not None:
            for frame in tone(frames / rate):
                container.mux(track.encode(frame))
            container.mux(track.encode(None))
    return path


def tone(seconds: float, loudness: float = 0.3) -> Any:
    """Frames of 440 Hz."""
    times = np.arange(round(RATE * seconds)) / RATE
    wave = (np.sin(2 * np.pi * 440 * times) * loudness).astype(np.float32)
    for start in range(0, len(wave), 1024):
        frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024].copy(), 'fltp', 'mono')
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame


def sound(path: Path, seconds: float = 2.0, loudness: float = 0.3) -> Path:
    """A WAV file of a tone."""
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('pcm_s16le', rate=RATE, layout='mono')
        for frame in tone(seconds, loudness):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def times(path: str) -> list[float]:
    """When the frames of a film are shown."""
    with av.open(path) as container:
        return [float(frame.time) for frame in container.decode(video=0)]


def size(path: str) -> tuple[int, int]:
    with av.open(path) as container:
        stream = container.streams.video[0]
        return stream.width, stream.height


def samples(path: str) -> Any:
    """The sound of a file as numbers, `(channels, samples)`; None if it has none."""
    with av.open(path) as container:
        if not container.streams.audio:
            return None
        resampler = av.AudioResampler(format='fltp', layout='mono', rate=RATE)
        parts = [made.to_ndarray() for frame in container.decode(audio=0) for made in resampler.resample(frame)]
        return np.concatenate(parts, axis=1)


def seconds(path: str) -> float | None:
    """How long the sound of a file is."""
    found = samples(path)
    return None if found is None else found.shape[1] / RATE
