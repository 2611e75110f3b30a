"""Writing files of sound."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import PurePath
from typing import Any

import av

from pixeltable._support import temporary
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.reading import audio_stream, opened

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

_LOSSLESS = ('pcm_', 'flac', 'alac')
"""What the names of codecs begin with that give back what they got, of any number of channels."""


def write_audio(frames: Iterator[Any], suffix: str, codec: str | None = None, kept: str = '') -> str | None:
    """A file of sound, whose format is that of `suffix`; None if there are no frames.

    An MP4 file without pictures ends in `.m4a`, by which programs know that it has sound only. The codec `kept` is taken if it
    loses nothing, and the format has a place for it.
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
            can_stay = kept.startswith(_LOSSLESS) and kept in container.supported_codecs
            encoder = codec or (kept if can_stay else _ENCODERS.get(suffix) or container.default_audio_codec)
            _encode(container, chain([first], frames), first, encoder)
    except av.FFmpegError as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'the audio cannot be written: {error.strerror}.') from error
    except ValueError as error:
        problem = f'there is no format {suffix[1:]!r}' + (f', or no encoder {codec!r} for it' if codec else '')
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{problem}.') from error
    return path


def write_same(frames: Iterator[Any], path: str) -> str | None:
    """A file of sound that was made of the one at `path`: in its format if that can be written, and as precise."""
    suffix = PurePath(path).suffix.lower()
    if suffix not in _KEPT:
        return write_audio(frames, '.wav')
    with opened(path) as container:
        stream = audio_stream(container)
        name = '' if stream is None else stream.codec_context.name
    return write_audio(frames, suffix, kept=name)


def sound_stream(container: Any, encoder: str, first: Any) -> Any:
    """A stream for frames like the first one: as precise if it can be, and in the nearest rate that there is."""
    codec = av.Codec(encoder, 'w')
    rates = codec.audio_rates or [first.sample_rate]
    rate = min(rates, key=lambda each: abs(each - first.sample_rate))
    stream = container.add_stream(encoder, rate=rate, layout=_layout(encoder, first))
    if first.format.name in {each.name for each in codec.audio_formats or ()}:
        stream.format = first.format.name
    return stream


def _encode(container: Any, frames: Iterator[Any], first: Any, encoder: str) -> None:
    stream = sound_stream(container, encoder, first)
    resampler = av.AudioResampler(format=stream.format or first.format, layout=stream.layout, rate=stream.rate)
    done, tick = 0, Fraction(1, stream.rate)
    for frame in frames:
        for made in resampler.resample(frame):
            # Without times, what an encoder needs before the first sample would be heard as silence.
            made.pts, made.time_base = done, tick
            done += made.samples
            container.mux(stream.encode(made))
    container.mux(stream.encode(None))


def _layout(encoder: str, frame: Any) -> str:
    """Mono or stereo, except for codecs that take any channels."""
    channels = len(frame.layout.channels)
    if channels > 2 and encoder.startswith(_LOSSLESS):
        return str(frame.layout.name)
    return 'mono' if channels == 1 else 'stereo'
