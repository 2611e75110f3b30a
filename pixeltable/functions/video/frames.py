"""Single frames of films."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, TypedDict

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.checking import positive
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Image = Any
    Video = str
else:
    from pixeltable.types.spelling import Image, Video


class FrameAttrs(TypedDict):
    """Where a frame stands: its number, its times as the file counts them, and in seconds, and what the decoder says of it."""

    index: int
    pts: int
    dts: int | None
    time: float
    is_corrupt: bool
    key_frame: bool
    pict_type: int
    interlaced_frame: bool


class Frame(TypedDict):
    """A frame and where it stands."""

    frame: Image
    frame_attrs: FrameAttrs


@udf(is_method=True)
def extract_frame(video: Video, *, timestamp: float) -> Image | None:
    """The picture that is shown at `timestamp`, in seconds; None after the end."""
    from pixeltable.functions._av.reading import decoded_from, opened, picture, seconds_of, shown_until, video_stream

    if timestamp < 0:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'extract_frame(): timestamp must be at least 0, not {timestamp}.'
        )
    with opened(video) as container:
        stream = video_stream(container, video)
        origin = stream.start_time or 0
        length = seconds_of(stream, container)
        if length is not None and timestamp >= length and timestamp >= shown_until(video):
            return None
        wanted = origin + round(timestamp / stream.time_base)
        shown = None
        for frame in decoded_from(container, stream, wanted):
            if frame.pts is not None and frame.pts > wanted and shown is not None:
                break
            shown = frame
        return None if shown is None else picture(shown)


def positions(
    video: str, *, fps: float | None = None, num_frames: int | None = None, keyframes_only: bool = False
) -> Iterator[FrameAttrs]:
    """Where the frames of a film stand, all of them or some; nothing is made a picture.

    Args:
        fps: so many frames a second, each the one nearest to its time; more than there are gives all.
        num_frames: so many, each in the middle of an equal part of the film; more than there are gives all.
        keyframes_only: those from which decoding can start.
    """
    from pixeltable.functions._av.reading import key_frames, opened
    from pixeltable.functions._av.walking import unfiltered_stream, walked

    if sum((fps is not None, num_frames is not None, keyframes_only)) > 1:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION, 'frames take at most one of fps, num_frames and keyframes_only.'
        )
    for name, value in (('fps', fps), ('num_frames', num_frames)):
        if value is not None:
            positive(name, value)
    shown = _shown_at(video) if num_frames is not None or keyframes_only else []
    wanted = None if num_frames is None else _evenly(len(shown), num_frames)
    with opened(video) as container:
        stream = unfiltered_stream(container, video)
        origin = float((stream.start_time or 0) * stream.time_base)
        if keyframes_only:
            found = _numbered(map(_attributes, key_frames(container, stream)), shown)
        else:
            found = _numbered(walked(video, container, stream, _attributes))
        found = _timed(found, video)
        if fps is not None:
            yield from _nearest(found, origin, fps)
        else:
            yield from (each for each in found if wanted is None or each['index'] in wanted)


def _numbered(frames: Iterator[FrameAttrs], shown: Sequence[int] = ()) -> Iterator[FrameAttrs]:
    """Each frame with its number: where it is in the times `shown`, if there are any."""
    for index, each in enumerate(frames):
        each['index'] = bisect_left(shown, each['pts']) if shown and each['pts'] is not None else index
        yield each


def _timed(frames: Iterator[FrameAttrs], video: str) -> Iterator[FrameAttrs]:
    """Those of which the file says when they are shown; it may not of damaged ones, and raw streams never do."""
    from pixeltable.functions._av.reading import timeless

    first, last = None, None
    for last in frames:
        if last['pts'] is not None:
            first = first or last
            yield last
    if first is None and last is not None:
        raise timeless(video)


def _nearest(frames: Iterator[FrameAttrs], origin: float, fps: float) -> Iterator[FrameAttrs]:
    """Those nearest to the times 0, 1/fps, 2/fps and so on; of two, the earlier one; none twice."""
    taken, before = 0, None
    for frame, after in pairwise(chain(frames, [None])):
        assert frame is not None
        middle = (
            (frame['time'] + after['time']) / 2 if after is not None else 1.5 * frame['time'] - 0.5 * (before or 0.0)
        )
        before = frame['time']
        if taken / fps <= middle - origin + 1e-6:
            taken = math.floor((middle - origin + 1e-6) * fps) + 1
            yield frame


def _attributes(frame: Any) -> FrameAttrs:
    """Without the number, which is not known of a single frame."""
    return {
        'index': -1,
        'pts': frame.pts,
        'dts': frame.dts,
        'time': float(frame.time or 0.0),
        'is_corrupt': frame.is_corrupt,
        'key_frame': bool(frame.key_frame),
        'pict_type': int(frame.pict_type),
        'interlaced_frame': bool(frame.interlaced_frame),
    }


def _shown_at(video: str) -> list[int]:
    """The times at which frames are shown, as the file counts them, in order, from the first that can be decoded on."""
    from pixeltable.functions._av.reading import frames_of, opened, packets_of, video_stream

    with opened(video) as container:
        stream = video_stream(container, video)
        times, first = [], None
        for packet in packets_of(container, stream):
            if packet.pts is not None and not packet.is_discard:
                times.append(packet.pts)
            first = first or next(frames_of(packet), None)
    times.sort()
    return times if first is None or first.pts is None else times[bisect_left(times, first.pts) :]


def _evenly(count: int, wanted: int) -> frozenset[int]:
    """The numbers of the frames in the middle of `wanted` parts."""
    if wanted >= count:
        return frozenset(range(count))
    return frozenset(math.ceil((place + 0.5) * count / wanted - 0.5) for place in range(wanted))
