"""Single frames of films."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypedDict

from pixeltable.errors import ErrorCode, RequestError
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
    from pixeltable.functions._av.reading import decoded_from, opened, picture, seconds_of, video_stream

    if timestamp < 0:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'extract_frame(): timestamp must be at least 0, not {timestamp}.'
        )
    with opened(video) as container:
        stream = video_stream(container, video)
        origin = stream.start_time or 0
        length = seconds_of(stream, container)
        if length is not None and timestamp >= length:
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
        fps: so many frames a second, each the first one at or after its time; more than there are gives all.
        num_frames: so many, evenly spaced; more than there are gives all.
        keyframes_only: those from which decoding can start.
    """
    from pixeltable.functions._av.reading import decoded, opened, video_stream

    if sum((fps is not None, num_frames is not None, keyframes_only)) > 1:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'frames take at most one of fps, num_frames and keyframes_only.')
    for name, value in (('fps', fps), ('num_frames', num_frames)):
        if value is not None and value <= 0:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name} must be above 0, not {value}.')
    wanted = None if num_frames is None else _evenly(_count(video), num_frames)
    with opened(video) as container:
        stream = video_stream(container, video)
        if keyframes_only:
            stream.codec_context.skip_frame = 'NONKEY'
        taken = 0
        for index, frame in enumerate(decoded(container, stream)):
            time = float(frame.time or 0.0)
            if fps is not None and (time - float((stream.start_time or 0) * stream.time_base)) * fps < taken - 1e-6:
                continue
            if wanted is not None and index not in wanted:
                continue
            taken += 1
            yield _attributes(index, frame, time)


def _attributes(index: int, frame: Any, time: float) -> FrameAttrs:
    return {
        'index': index,
        'pts': frame.pts,
        'dts': frame.dts,
        'time': time,
        'is_corrupt': frame.is_corrupt,
        'key_frame': bool(frame.key_frame),
        'pict_type': int(frame.pict_type),
        'interlaced_frame': bool(frame.interlaced_frame),
    }


def _count(video: str) -> int:
    from pixeltable.functions._av.reading import opened, video_stream

    with opened(video) as container:
        stream = video_stream(container, video)
        return sum(packet.pts is not None for packet in container.demux(stream))


def _evenly(count: int, wanted: int) -> frozenset[int]:
    if wanted >= count:
        return frozenset(range(count))
    return frozenset(round(place * count / wanted) for place in range(wanted))
