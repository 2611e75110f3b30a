"""Iterators over films, for `create_view(..., iterator=...)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions.video.cutting import VideoSegment, check_parts, segments
from pixeltable.functions.video.frames import Frame, positions
from pixeltable.iterators.decorators import iterator
from pixeltable.types.fragments import frame_reference
from pixeltable.types.media_paths import reference_of

if TYPE_CHECKING:
    Image = Any
    Video = str
else:
    from pixeltable.types.spelling import Image, Video


class LegacyFrame(TypedDict):
    """A frame, its number, and its time in milliseconds."""

    frame: Image
    frame_idx: int
    pos_msec: float
    pos_frame: int


@iterator
def frame_iterator(
    video: Video, *, fps: float | None = None, num_frames: int | None = None, keyframes_only: bool = False
) -> Iterator[Frame]:
    """A row for each frame of a film, or for some of them.

    No pictures are stored: a frame is a reference to its film and its time, and is decoded when it is used, each film once
    and forwards.

    Args:
        fps: so many frames a second, each the one nearest to its time; more than there are gives all.
        num_frames: so many, each in the middle of an equal part of the film; more than there are gives all.
        keyframes_only: those from which decoding can start.
    """
    film = reference_of(video)
    for attributes in positions(video, fps=fps, num_frames=num_frames, keyframes_only=keyframes_only):
        yield {'frame': frame_reference(film, attributes['pts']), 'frame_attrs': attributes}


frame_iterator.references = frozenset({'frame'})


@iterator
def legacy_frame_iterator(
    video: Video, *, fps: float | None = None, num_frames: int | None = None, keyframes_only: bool = False
) -> Iterator[LegacyFrame]:
    """Like `frame_iterator`, with the number of each frame among those chosen and in the film, and its time in milliseconds."""
    film = reference_of(video)
    chosen = positions(video, fps=fps, num_frames=num_frames, keyframes_only=keyframes_only)
    for number, each in enumerate(chosen):
        frame = frame_reference(film, each['pts'])
        yield {'frame': frame, 'frame_idx': number, 'pos_msec': each['time'] * 1000.0, 'pos_frame': each['index']}


legacy_frame_iterator.references = frozenset({'frame'})


@legacy_frame_iterator.validate
@frame_iterator.validate
def _check_frames(constants: dict[str, Any]) -> None:
    given = [name for name in ('fps', 'num_frames', 'keyframes_only') if constants.get(name) not in (None, False)]
    if len(given) > 1:
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'frames take at most one of {" and ".join(given)}.')
    for name in ('fps', 'num_frames'):
        value = constants.get(name)
        if value is not None and value <= 0:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name} must be above 0, not {value}.')


@iterator
def video_splitter(
    video: Video,
    *,
    duration: float | None = None,
    overlap: float | None = None,
    min_segment_duration: float | None = None,
    segment_times: list[float] | None = None,
    mode: Literal['fast', 'accurate'] = 'accurate',
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Iterator[VideoSegment]:
    """A row for each part of a film.

    Args:
        duration: seconds of a part; `overlap` of them are those of the part before, and parts shorter than
            `min_segment_duration` are left out.
        segment_times: where the film is cut instead.
        mode: `'accurate'` cuts at the frame and encodes anew, `'fast'` copies, and cuts at the key frames before: of those
            there may be few.
    """
    yield from segments(
        video,
        duration,
        segment_times,
        mode,
        video_encoder,
        video_encoder_args,
        overlap or 0.0,
        min_segment_duration or 0.0,
    )


@video_splitter.validate
def _check_parts(constants: dict[str, Any]) -> None:
    names = ('duration', 'segment_times', 'mode', 'video_encoder', 'video_encoder_args')
    lengths = ('overlap', 'min_segment_duration')
    if constants.keys() >= {*names, *lengths}:
        check_parts(*(constants[name] for name in names), *(constants[name] or 0.0 for name in lengths))
