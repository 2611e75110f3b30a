"""Parts of films, and films put together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Video = str
else:
    from pixeltable.types.spelling import Video


class VideoSegment(TypedDict):
    """A part of a film, and where it was in it, in seconds and as the file counts time."""

    segment_start: float | None
    segment_start_pts: int | None
    segment_end: float | None
    segment_end_pts: int | None
    video_segment: Video


@udf(is_method=True)
def clip(
    video: Video,
    *,
    start_time: float,
    end_time: float | None = None,
    duration: float | None = None,
    mode: Literal['fast', 'accurate'] = 'accurate',
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video | None:
    """The part from `start_time` to `end_time`, or of `duration` seconds; to the end without both. None after the end.

    `'accurate'` cuts at the frame and encodes anew, `'fast'` copies from the last key frame before.
    """
    from pixeltable.functions._av.copying import copied

    if end_time is not None and duration is not None:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'clip() takes end_time or duration, not both.')
    if start_time < 0 or (duration is not None and duration <= 0) or (end_time is not None and end_time <= start_time):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'clip(): start_time is at least 0, and the end comes after it.')
    end = end_time if duration is None else start_time + duration
    if mode == 'fast':
        _check_copied(video_encoder, video_encoder_args)
        return copied(video, start_time, end)
    return _written(video, start_time, end, video_encoder, video_encoder_args)


@udf(is_method=True)
def segment_video(
    video: Video,
    *,
    duration: float | None = None,
    segment_times: list[float] | None = None,
    mode: Literal['fast', 'accurate'] = 'accurate',
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> list[VideoSegment]:
    """The film in parts of `duration` seconds, or cut at `segment_times`.

    `'accurate'` cuts at the frame and encodes anew, `'fast'` copies, and cuts at the key frames before: there may be few.
    """
    return list(segments(video, duration, segment_times, mode, video_encoder, video_encoder_args))


def check_parts(
    duration: float | None,
    times: list[float] | None,
    mode: str = 'accurate',
    encoder: str | None = None,
    options: dict[str, Any] | None = None,
    overlap: float = 0.0,
    least: float = 0.0,
) -> None:
    """Raises INVALID_ARGUMENT for what no film can be split by."""
    if (duration is None) == (times is None):
        raise _invalid('films are split by either duration or segment_times.')
    if duration is not None and (duration <= 0 or not 0 <= overlap < duration):
        raise _invalid(f'duration is above 0, and overlap from 0 and below it, not {duration} and {overlap}.')
    if duration is not None and least > duration:
        raise _invalid(f'min_segment_duration is at most duration, {duration}, not {least}.')
    if times is not None and (not times or any(a >= b for a, b in pairwise([0.0, *times]))):
        raise _invalid(f'segment_times must rise, from above 0, unlike {times}.')
    if times is not None and overlap:
        raise _invalid('overlap is for parts of a duration, and not for segment_times.')
    if mode == 'fast':
        _check_copied(encoder, options)


def segments(
    video: str,
    duration: float | None,
    times: list[float] | None,
    mode: str = 'accurate',
    encoder: str | None = None,
    options: dict[str, Any] | None = None,
    overlap: float = 0.0,
    least: float = 0.0,
) -> Iterator[VideoSegment]:
    """The parts of a film one after another, with an `overlap` in seconds; none is shorter than `least`.

    In mode `'fast'` they begin and end at the key frames before.
    """
    from pixeltable.functions._av.copying import copied, key_times
    from pixeltable.functions._av.reading import opened, shown_at, shown_until, video_stream

    check_parts(duration, times, mode, encoder, options, overlap, least)
    shown = shown_at(video)
    length = shown_until(video, shown)
    if duration is not None:
        bounds = _parts([moment for moment, _ in shown], duration, overlap, length)
    else:
        bounds = list(pairwise([0.0, *(cut for cut in times or () if cut < length), length]))
    with opened(video) as container:
        base = video_stream(container, video).time_base
    if mode == 'fast':
        bounds = _at_keys(bounds, key_times(video), length)
    for start, end in bounds:
        if end - start < least - 1e-6:
            continue
        last = None if end >= length else end  # some frames may be shown after the end that a file tells
        made = copied(video, start, last) if mode == 'fast' else _written(video, start, last, encoder, options)
        if made is not None:
            yield {
                'segment_start': start,
                'segment_start_pts': round(start / base),
                'segment_end': end,
                'segment_end_pts': round(end / base),
                'video_segment': made,
            }


def _parts(moments: list[float], duration: float, overlap: float, length: float) -> list[tuple[float, float]]:
    """Those in which frames begin to be shown: of damaged films, a frame may be said to be shown after hours, or years."""
    step = duration - overlap
    numbers = {
        number
        for moment in moments
        for number in range(max(0, math.floor((moment - duration) / step)), math.floor((moment + 1e-6) / step) + 1)
    }
    found = [(number * step, min((number + 1) * step + overlap, length)) for number in sorted(numbers)]
    return [
        (start, end)
        for start, end in found
        if start < length - 1e-6 and (start == 0.0 or start + overlap < length - 1e-6)
    ]


def _check_copied(encoder: str | None, options: dict[str, Any] | None) -> None:
    if encoder is not None or options is not None:
        raise _invalid("mode='fast' encodes nothing: video_encoder and video_encoder_args are for mode='accurate'.")


def _invalid(message: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_ARGUMENT, message)


def _at_keys(bounds: list[tuple[float, float]], keys: list[float], length: float) -> list[tuple[float, float]]:
    def key_before(moment: float) -> float:
        return max((key for key in keys if key <= moment + 1e-6), default=0.0)

    found = [(key_before(start), end if end >= length else key_before(end)) for start, end in bounds]
    return [(start, end) for start, end in dict.fromkeys(found) if start < end]


@udf
def concat_videos(
    videos: list[Video], *, video_encoder: str | None = None, video_encoder_args: dict[str, Any] | None = None
) -> Video | None:
    """The films of a list, one after another, in the size of the first one; None for an empty list, or one with a NULL."""
    return joined(videos, video_encoder, video_encoder_args)


def joined(videos: list[str], encoder: str | None = None, options: dict[str, Any] | None = None) -> str | None:
    """One film of several. Where one is silent, so is its part, if another has sound."""
    from pixeltable.functions._av.joining import pictures_of, sounds_of
    from pixeltable.functions._av.writing import Film

    if not videos or None in videos:
        return None
    return Film(encoder, options).write(pictures_of(videos), sounds_of(videos))


def _written(
    video: str, start: float, end: float | None, encoder: str | None, options: dict[str, Any] | None
) -> str | None:
    from pixeltable.functions._av.sources import pictures, sounds
    from pixeltable.functions._av.writing import Film

    return Film(encoder, options).write(pictures(video, start, end), sounds(video, start, end))
