"""Films in another speed."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from pixeltable.functions._av.applying import written
from pixeltable.functions._av.filters import filtered
from pixeltable.functions._av.sources import pictures, sounds
from pixeltable.functions._av.writing import TICKS


def hurried(path: str, factor: float, encoder: str | None, options: dict[str, Any] | None) -> str:
    """The film `factor` times as fast, with its sound in the same pitch."""
    track = sounds(path)
    if track is not None:
        track = filtered(track, _tempo(factor), is_video=False)
    return written(path, _frames(pictures(path), Fraction(factor)), track, encoder, options)


def _frames(frames: Iterator[Any], factor: Fraction) -> Iterator[Any]:
    """Not by FFmpeg's `setpts`, which leaves it at how long each frame was shown before."""
    for frame in frames:
        scale = frame.time_base / factor / TICKS
        frame.pts, frame.duration = round(frame.pts * scale), round(frame.duration * scale)
        frame.time_base = TICKS
        yield frame


def _tempo(factor: float) -> str:
    rest, steps = factor, []
    while rest > 2.0 or rest < 0.5:  # what one filter can do
        step = 2.0 if rest > 2.0 else 0.5
        steps.append(f'atempo={step}')
        rest /= step
    return ','.join([*steps, f'atempo={rest}'])
