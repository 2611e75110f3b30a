"""Two films with a transition between them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.applying import written
from pixeltable.functions._av.filters import Filter
from pixeltable.functions._av.joining import resampled
from pixeltable.functions._av.reading import opened, video_stream
from pixeltable.functions._av.sources import duration, pictures, sounds


def crossed(
    first: str, second: str, effect: str, seconds: float, encoder: str | None, options: dict[str, Any] | None
) -> str:
    """`first`, whose end goes over into `second`. Sound is faded from one to the other, if both have any."""
    length = duration(first) or 0.0
    if seconds >= length or seconds >= (duration(second) or 0.0):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'a transition of {seconds} s is too long for the videos: the first has {length} s.',
        )
    with opened(first) as container:
        stream = video_stream(container, first)
        rate, size = stream.guessed_rate or Fraction(25), (stream.width, stream.height)
    steady = f'scale={size[0]}:{size[1]},fps={rate},settb=1/90000,setsar=1,format=yuv420p'
    frames = _joined(
        pictures(first),
        pictures(second),
        f'xfade={effect}:duration={seconds}:offset={length - seconds}',
        steady,
    )
    track = None
    one, two = sounds(first, 0.0, length), sounds(second)
    if one is not None and two is not None:
        track = _joined(resampled(one), resampled(two), f'acrossfade=d={seconds}', is_video=False)
    return written(first, frames, track, encoder, options)


def _joined(
    first: Iterator[Any], second: Iterator[Any], join: str, before: str = '', *, is_video: bool = True
) -> Iterator[Any]:
    """Two streams through a filter that takes the first one to its end before it takes much of the second."""
    heads = next(first, None), next(second, None)
    if heads[0] is None or heads[1] is None:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, 'one of the videos has no frames.')
    graph = Filter('', join, before, is_video=is_video)
    graph.start(*heads)
    for source, (head, rest) in enumerate(zip(heads, (first, second), strict=True)):
        yield from graph.push(head, source)
        for frame in rest:
            yield from graph.push(frame, source)
        yield from graph.end(source)
