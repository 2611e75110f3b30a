"""Writing films. Times of frames are kept, so that a variable rate stays one."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import av
from av.codec.context import Flags

from pixeltable._support import temporary
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.converting import encodable
from pixeltable.functions._av.recording import sound_stream

VIDEO_ENCODER = 'libx264'
TICKS = Fraction(1, 90_000)


class Film:
    """An MP4 file of one video stream, and one of audio if `audio` frames are given, made of streams of frames.

    Frames need rising times; both streams are written in the order of their times.
    """

    def __init__(
        self, encoder: str | None = None, options: Mapping[str, Any] | None = None, suffix: str = '.mp4'
    ) -> None:
        self.path = temporary.new_file(suffix)
        self._encoder = encoder or VIDEO_ENCODER
        self._options = {name: str(value) for name, value in (options or {}).items()}

    def write(
        self, video: Iterator[Any], audio: Iterator[Any] | None = None, rate: Fraction | None = None
    ) -> str | None:
        """The path of the file; None if there is no frame of video. `rate` is how many frames a second are to be expected."""
        first = next(video, None)
        if first is None:
            return None
        try:
            with av.open(self.path, 'w') as container:
                self._mux(container, first, video, audio, rate)
        except av.FFmpegError as error:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'the video cannot be written: {error.strerror}.') from error
        except ValueError as error:  # PyAV's for an unknown codec
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'there is no video encoder {self._encoder!r}.') from error
        return self.path

    def _mux(
        self, container: Any, first: Any, video: Iterator[Any], audio: Iterator[Any] | None, rate: Fraction | None
    ) -> None:
        pictures = container.add_stream(self._encoder, rate=rate or Fraction(25), options=self._options)
        pictures.width, pictures.height = _even(first.width), _even(first.height)
        _tell_colours(pictures, encodable(first, pictures.width, pictures.height))
        pictures.codec_context.time_base = TICKS
        pictures.codec_context.flags |= Flags.frame_duration  # or how long the last one is shown would be a guess
        sounds = next(audio, None) if audio is not None else None
        track = None if sounds is None else sound_stream(container, 'aac', sounds)
        size = pictures.width, pictures.height

        def shown() -> Iterator[tuple[float, int, Any]]:
            last = -1
            for frame in _chain(first, video):
                duration = round(frame.duration * frame.time_base / TICKS)
                made = encodable(frame, *size)
                ticks = max(last + 1, round(float(frame.time or 0.0) / float(TICKS)))
                made.pts, made.time_base, made.pict_type = ticks, TICKS, 0
                made.duration = duration or ticks - max(last, 0)  # of a frame that a filter drew, as the one before it
                last = ticks
                yield float(ticks * TICKS), 0, made

        def heard() -> Iterator[tuple[float, int, Any]]:
            for frame in _chain(sounds, audio or iter(())):
                yield float(frame.time or 0.0), 1, frame

        container.start_encoding()
        if unknown := ', '.join(map(repr, pictures.codec_context.options)):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'the video encoder {self._encoder!r} has no option {unknown}.'
            )
        streams = [shown()] if track is None else [shown(), heard()]
        outputs: tuple[Any, Any] = pictures, track
        for _, which, frame in heapq.merge(*streams, key=lambda each: each[:2]):
            container.mux(outputs[which].encode(frame))
        for stream in outputs:
            if stream is not None:
                container.mux(stream.encode(None))


class Stream:
    """A silent MP4 file that gets frames one by one, at a steady rate."""

    def __init__(self, rate: Fraction, size: tuple[int, int]) -> None:
        self.path = temporary.new_file('.mp4')
        self.size = _even(size[0]), _even(size[1])
        self._rate = rate
        self._container: Any = av.open(self.path, 'w')
        self._stream = self._container.add_stream(VIDEO_ENCODER, rate=rate)
        self._stream.width, self._stream.height = self.size

    def add(self, frame: Any, number: int) -> None:
        """Writes a frame."""
        made = encodable(frame, *self.size)
        made.pts, made.time_base = number, 1 / self._rate
        if number == 0:
            _tell_colours(self._stream, made)
        self._container.mux(self._stream.encode(made))

    def finish(self) -> str:
        """The path of the file, which is complete now."""
        if self._container is not None:
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._container = None
        return self.path


def _even(pixels: int) -> int:
    """The size that encoders take."""
    return max(2, pixels // 2 * 2)


def _tell_colours(stream: Any, frame: Any) -> None:
    """The film says that its colours mean what they mean in `frame`."""
    codec = stream.codec_context
    stream.pix_fmt = frame.format.name
    codec.colorspace, codec.color_range = frame.colorspace, frame.color_range
    codec.color_primaries, codec.color_trc = frame.color_primaries, frame.color_trc


def _chain(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    if first is not None:
        yield first
    yield from rest
