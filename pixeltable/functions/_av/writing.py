"""Writing films and sound. Times of frames are kept, so that a variable rate stays one."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import PurePath
from typing import Any

import av
from av.codec.context import Flags

from pixeltable._support import temporary
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.converting import encodable

VIDEO_ENCODER = 'libx264'
_ENCODERS = {'.ogg': 'libopus', '.oga': 'libopus', '.mkv': 'aac', '.mka': 'aac'}
"""Where FFmpeg would take one that cannot write sound of any rate."""

_KEPT = frozenset(
    [
        '.aac',
        '.aiff',
        '.au',
        '.avi',
        '.caf',
        '.flac',
        '.m4a',
        '.m4b',
        '.mka',
        '.mkv',
        '.mov',
        '.mp2',
        '.mp3',
        '.mp4',
        '.oga',
        '.ogg',
        '.opus',
        '.ts',
        '.wav',
        '.webm',
    ]
)
"""The formats that sounds stay in when they are changed or split; others become WAV."""

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
        pictures.width, pictures.height = first.width // 2 * 2, first.height // 2 * 2
        _tell_colours(pictures, encodable(first, pictures.width, pictures.height))
        pictures.codec_context.time_base = TICKS
        pictures.codec_context.flags |= Flags.frame_duration  # or how long the last one is shown would be a guess
        sounds = next(audio, None) if audio is not None else None
        track = None if sounds is None else container.add_stream('aac', rate=sounds.sample_rate, layout=_layout(sounds))
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
        self.size = max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)
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


def _layout(frame: Any) -> str:
    return 'mono' if len(frame.layout.channels) == 1 else 'stereo'


def kept_suffix(path: str) -> str:
    """The ending of a file of sound that is made of the one at `path`."""
    suffix = PurePath(path).suffix.lower()
    return suffix if suffix in _KEPT else '.wav'


def write_audio(frames: Iterator[Any], suffix: str, codec: str | None = None) -> str | None:
    """A file of sound, whose format is that of `suffix`; None if there are no frames.

    An MP4 file without pictures ends in `.m4a`, by which programs know that it has sound only.
    """
    first = next(frames, None)
    if first is None:
        return None
    if not suffix[1:].isalnum():  # nor may it lead to another folder
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'there is no format {suffix[1:]!r}; wav or mp3 are some.')
    is_mp4 = suffix.lower() == '.mp4'
    path = temporary.new_file('.m4a' if is_mp4 else suffix)
    try:
        with av.open(path, 'w', format='mp4' if is_mp4 else None) as container:
            encoder = codec or _ENCODERS.get(suffix) or container.default_audio_codec
            _encode_audio(container, _chain(first, frames), first, encoder)
    except av.FFmpegError as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'the audio cannot be written: {error.strerror}.') from error
    except ValueError as error:
        problem = f'there is no format {suffix[1:]!r}' + (f', or no encoder {codec!r} for it' if codec else '')
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{problem}.') from error
    return path


def _encode_audio(container: Any, frames: Iterator[Any], first: Any, encoder: str) -> None:
    stream = container.add_stream(encoder, rate=_rate(encoder, first.sample_rate), layout=_layout(first))
    format_ = stream.codec_context.format or first.format
    resampler = av.AudioResampler(format=format_, layout=_layout(first), rate=stream.rate)
    for frame in frames:
        for made in resampler.resample(frame):
            made.pts = None
            container.mux(stream.encode(made))
    container.mux(stream.encode(None))


def _rate(encoder: str, rate: int) -> int:
    """The sample rate to write: Opus and MP3 know only some."""
    known = {
        'libopus': (48000, 24000, 16000, 12000, 8000),
        'libmp3lame': (48000, 44100, 32000, 24000, 22050, 16000, 8000),
    }
    rates = known.get(encoder, (rate,))
    return rate if rate in rates else min(rates, key=lambda each: abs(each - rate))
