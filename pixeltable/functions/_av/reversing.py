"""Films backwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pixeltable.functions._av.applying import written
from pixeltable.functions._av.filters import filtered
from pixeltable.functions._av.sources import pictures, sounds


def reversed_film(path: str, af: str | None, encoder: str | None, options: dict[str, Any] | None) -> str:
    """The film backwards, with its sound through `af`; none with an empty `af`, unchanged with None."""
    track = None if af == '' else sounds(path)
    if track is not None and af:
        track = filtered(track, af, is_video=False)
    return written(path, _frames(pictures(path)), track, encoder, options)


def _frames(frames: Iterator[Any]) -> Iterator[Any]:
    """Each is shown as long as it was. FFmpeg's `reverse` gives the last one the time of the first, and so on."""
    shown: list[tuple[int, int]] = []

    def noted() -> Iterator[Any]:
        for frame in frames:
            shown.append((frame.pts, frame.duration))
            yield frame

    now = 0
    end: int | None = None
    for frame in filtered(noted(), 'reverse'):  # of which the first comes when all are noted
        start, length = shown.pop()
        if end is None:
            end = start + (length or start - (shown[-1][0] if shown else start))
        frame.pts, frame.duration = now, end - start
        now += frame.duration
        end = start
        yield frame
