"""Opening containers, and decoding what can be decoded: damaged packets are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import av

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.converting import to_image

_CLOCK = re.compile(r'(\d+):(\d+):(\d+\.?\d*)')
"""How Matroska says in a tag how long a stream is."""

REORDERED = 16
"""Frames of H.264 and HEVC; others reorder fewer."""

BACK_S = (0, 2, 20)
"""So many seconds before the wanted time a key frame is looked for."""


@contextmanager
def opened(path: str) -> Iterator[Any]:
    """The container at `path`. Raises INVALID_DATA_FORMAT for whatever FFmpeg does not get on with inside the block."""
    try:
        with av.open(path, metadata_errors='replace') as container:
            yield container
    except av.FFmpegError as error:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{path!r} cannot be processed: {error.strerror}.') from error


def video_stream(container: Any, path: str) -> Any:
    """The first video stream, which several threads decode. Raises INVALID_DATA_FORMAT if there is none."""
    if not container.streams.video:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{path!r} has no video in it.')
    stream = container.streams.video[0]
    stream.thread_type = 'AUTO'
    return stream


def audio_stream(container: Any, index: int = 0) -> Any:
    """The audio stream of a number; None if there is none."""
    streams = container.streams.audio
    return streams[index] if index < len(streams) else None


def packets_of(container: Any, *streams: Any) -> Iterator[Any]:
    """The packets of some streams from where the container stands.

    Those of streams that begin later in the file, as they may in MPEG-TS, are passed over, at which PyAV fails.
    """
    is_over = False
    while not is_over:
        try:
            for packet in container.demux(*streams):
                is_over = not packet.size and packet.dts is None  # what has decoders give what they hold back
                yield packet
        except IndexError:
            continue
        return


def decoded(container: Any, stream: Any) -> Iterator[Any]:
    """The frames of one stream, in the order in which they are shown."""
    for packet in packets_of(container, stream):
        yield from frames_of(packet)


def key_frames(container: Any, stream: Any) -> Iterator[Any]:
    """The frames from which decoding can start, as `decoded` gives them, and little else is decoded.

    A frame has the decoding time of the packet after which it came out, and some codecs hold frames back: so what follows a key
    frame is decoded until it comes out, and what is held back then is dropped before the next one.
    """
    stream.thread_type = 'SLICE'  # threads that take a frame each would hold back more
    codec = stream.codec_context
    awaited: set[int] = set()
    for packet in packets_of(container, stream):
        if packet.is_keyframe and packet.pts is not None and not packet.is_discard:
            if not awaited:
                codec.flush_buffers()
            awaited.add(packet.pts)
        codec.skip_frame = 'DEFAULT' if awaited else 'NONKEY'
        for frame in frames_of(packet):
            awaited.discard(frame.pts)
            if frame.key_frame:
                yield frame


def decoded_from(container: Any, stream: Any, pts: int) -> Iterator[Any]:
    """The frames of one stream from a key frame at or before `pts` on."""
    for packet in packets_from(container, stream, pts):
        yield from frames_of(packet)


def packets_from(container: Any, stream: Any, pts: int, *others: Any) -> Iterator[Any]:
    """The packets of `stream`, and of others, from a key frame at or before `pts` on; from the beginning if there is none.

    Formats without an index, such as MPEG-TS, look for a time by trial, and may come down after the key frame.
    """
    start = stream.start_time or 0
    for seconds in BACK_S:
        place = pts - round(seconds / stream.time_base)
        if place <= start or not _has_sought(container, stream, place):
            break
        packets = packets_of(container, stream, *others)
        key = next((packet for packet in packets if packet.stream.index == stream.index and packet.is_keyframe), None)
        if key is not None and key.pts is not None and key.pts <= pts:
            yield key
            yield from packets
            return
    # MPEG-TS finds its beginning from a time before it, which other formats refuse.
    before = start - round(BACK_S[-1] / stream.time_base)
    any(_has_sought(container, stream, place) for place in (before, start))
    yield from packets_of(container, stream, *others)


def _has_sought(container: Any, stream: Any, pts: int) -> bool:
    try:
        container.seek(pts, stream=stream, backward=True)
    except av.FFmpegError:
        return False
    return True


def frames_of(packet: Any) -> Iterator[Any]:
    """The frames that a packet completes; none if it is damaged, of which decoders say all sorts of things."""
    try:
        yield from packet.decode()
    except av.FFmpegError as error:
        if isinstance(error, MemoryError):
            raise


def seconds_of(stream: Any, container: Any) -> float | None:
    """How long a stream is; None if neither it nor its container says so."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    clock = _CLOCK.fullmatch(stream.metadata.get('DURATION', ''))
    if clock is not None:
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
    return None if container.duration is None else container.duration / av.time_base


def timeless(path: str) -> RequestError:
    """What is raised of a raw stream."""
    return RequestError(
        ErrorCode.INVALID_DATA_FORMAT,
        f'{path!r} does not say when its frames are shown; in a file of another format, such as MP4, they have times.',
    )


def shown_at(path: str) -> list[tuple[float, float]]:
    """When each frame of a film is shown, and until when by what the file says of it, in seconds from the start, in order.

    All packets are read, none is decoded.

    Raises:
        RequestError: INVALID_DATA_FORMAT, none of them has a time.
    """
    with opened(path) as container:
        stream = video_stream(container, path)
        packets = (
            packet for packet in packets_of(container, stream) if packet.pts is not None and not packet.is_discard
        )
        shown = sorted((packet.pts, packet.duration or 0) for packet in packets)
        origin, base = stream.start_time or 0, stream.time_base
    if not shown:
        raise timeless(path)
    return [(float((pts - origin) * base), float((pts + length - origin) * base)) for pts, length in shown]


def shown_until(path: str, shown: Sequence[tuple[float, float]] = ()) -> float:
    """When the last frame of a film ends, in seconds from the first, and at least how long the file says that it is.

    A film of variable rate whose frames are not in order may say less. `shown` is what `shown_at` gives, if that is known.
    """
    with opened(path) as container:
        said = seconds_of(video_stream(container, path), container) or 0.0
    *others, (last, end) = shown or shown_at(path)
    before = others[-1][0] if others else last
    return max(said, end if end > last else 2 * last - before)


def picture(frame: Any) -> Any:
    """The frame as an upright Pillow image."""
    image = to_image(frame)
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image
