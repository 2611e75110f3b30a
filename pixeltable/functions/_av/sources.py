"""Films and sounds as streams of frames that begin at time 0."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av

from pixeltable.functions._av.filters import filtered
from pixeltable.functions._av.reading import audio_stream, decoded, decoded_from, opened, seconds_of, video_stream

_UPRIGHT = {90: 'transpose=2', -90: 'transpose=1', 180: 'hflip,vflip', -180: 'hflip,vflip', 270: 'transpose=1'}
_SLACK = 1e-4  # of times that were given as decimal numbers of seconds
_RUN_UP_S = 0.25
"""So much sound is decoded before what is wanted: that of MP3, AAC and Opus needs what came before."""


def pictures(path: str, start: float = 0.0, end: float | None = None) -> Iterator[Any]:
    """The upright frames of a film that are shown from `start` on and before `end`, in seconds."""
    with opened(path) as container:
        stream = video_stream(container, path)
        frames = _between(container, stream, start, end)
        first = next(frames, None)
        if first is not None:
            yield from filtered(_with(first, frames), _UPRIGHT.get(first.rotation, ''))


def sounds(path: str, start: float = 0.0, end: float | None = None, index: int = 0) -> Iterator[Any] | None:
    """The frames of a sound track, cut at samples; None if the file has none of this number."""
    with opened(path) as container:
        if audio_stream(container, index) is None:
            return None
    return _sounds(path, start, end, index)


def _sounds(path: str, start: float, end: float | None, index: int) -> Iterator[Any]:
    with opened(path) as container:
        stream = audio_stream(container, index)
        for frame in _between(container, stream, start, end):
            yield cut(frame, 0.0, None if end is None else end - start)


def cut(frame: Any, start: float, end: float | None) -> Any:
    """The part of a frame of sound between two times."""
    begin = float(frame.time or 0.0)
    first = max(0, round((start - begin) * frame.sample_rate))
    last = frame.samples if end is None else min(frame.samples, round((end - begin) * frame.sample_rate))
    if first == 0 and last == frame.samples:
        return frame
    samples = frame.to_ndarray()
    channels = len(frame.layout.channels)
    part = samples[:, first:last] if frame.format.is_planar else samples[:, first * channels : last * channels]
    made = av.AudioFrame.from_ndarray(part.copy(), frame.format.name, frame.layout.name)
    made.sample_rate, made.time_base = frame.sample_rate, frame.time_base
    made.pts = frame.pts + round(first / frame.sample_rate / frame.time_base)
    return made


def duration(path: str) -> float | None:
    """How many seconds a film lasts; None if it does not say so."""
    with opened(path) as container:
        return seconds_of(video_stream(container, path), container)


def _between(container: Any, stream: Any, start: float, end: float | None) -> Iterator[Any]:
    base, origin = stream.time_base, stream.start_time or 0
    early = start - _RUN_UP_S if stream.type == 'audio' else start
    frames = decoded_from(container, stream, origin + int(early / base)) if early > 0 else decoded(container, stream)
    for frame in frames:
        if frame.pts is None:
            continue
        length = frame.samples / frame.sample_rate if isinstance(frame, av.AudioFrame) else 0.0
        moment = float((frame.pts - origin) * base)
        if moment + length < start - _SLACK:
            continue
        if end is not None and moment >= end - _SLACK:
            return
        tick = Fraction(1, frame.sample_rate) if length else base  # AVI counts the time of sound in whole frames
        frame.pts = round((frame.pts - origin) * base / tick) - round(start / tick)
        frame.time_base = tick
        if not length or moment >= start:
            yield frame
        elif (rest := cut(frame, 0.0, None)).samples:
            yield rest


def _with(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest
