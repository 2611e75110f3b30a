"""Opening containers, and decoding what can be decoded: damaged packets are passed over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av

from pixeltable.errors import ErrorCode, RequestError


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


def decoded(container: Any, stream: Any) -> Iterator[Any]:
    """The frames of one stream, in the order in which they are shown."""
    for packet in container.demux(stream):
        yield from frames_of(packet)


def frames_of(packet: Any) -> Iterator[Any]:
    """The frames that a packet completes; none if it is damaged."""
    try:
        yield from packet.decode()
    except av.error.InvalidDataError:
        return


def seconds_of(stream: Any, container: Any) -> float | None:
    """How long a stream is; None if neither it nor its container says so."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / av.time_base


def picture(frame: Any) -> Any:
    """The frame as an upright Pillow image."""
    image = frame.to_image()
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image
