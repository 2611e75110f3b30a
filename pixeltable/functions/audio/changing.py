"""Sound made of numbers, and sound changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.checking import positive
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Array = Any
    Audio = str
else:
    from pixeltable.types.spelling import Array, Audio

_FRAME_SAMPLES = 1024


@udf
def encode_audio(
    audio_data: Array,
    *,
    input_sample_rate: int,
    format: str,
    output_sample_rate: int | None = None,
) -> Audio:
    """Samples from -1.0 to 1.0 as a file of `format`, such as `'wav'`, `'mp3'` or `'flac'`.

    `audio_data` has the shape `(samples,)`, or `(1, samples)` and `(2, samples)` for mono and stereo.
    """
    import av
    import numpy as np

    from pixeltable.functions._av.filters import filtered
    from pixeltable.functions._av.recording import write_audio

    samples = np.atleast_2d(np.asarray(audio_data, np.float32))
    if samples.ndim != 2 or samples.shape[0] > 2 or samples.shape[1] == 0:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'encode_audio() takes samples of the shape (n,), (1, n) or (2, n), not {np.shape(audio_data)}.',
        )
    if input_sample_rate <= 0 or (output_sample_rate is not None and output_sample_rate <= 0):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'encode_audio(): sample rates are above 0.')

    def frames() -> Any:
        for start in range(0, samples.shape[1], _FRAME_SAMPLES):
            part = np.ascontiguousarray(samples[:, start : start + _FRAME_SAMPLES])
            frame = av.AudioFrame.from_ndarray(part, 'fltp', 'mono' if len(samples) == 1 else 'stereo')
            frame.sample_rate, frame.pts, frame.time_base = input_sample_rate, start, _tick(input_sample_rate)
            yield frame

    chain = '' if output_sample_rate in (None, input_sample_rate) else f'aresample={output_sample_rate}'
    made = write_audio(filtered(frames(), chain, is_video=False), f'.{format}')
    if made is None:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'encode_audio(): there are no samples.')
    return made


@udf(is_method=True)
def multiply_volume(
    audio: Audio, *, factor: float, start_time: float | None = None, end_time: float | None = None
) -> Audio:
    """The sound `factor` times as loud, between two times in seconds or from start to end."""
    if factor < 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'multiply_volume(): factor is from 0, not {factor}.')
    when = ''
    if start_time is not None or end_time is not None:
        end = '' if end_time is None else f'*lt(t,{end_time})'
        when = f":enable='gte(t,{start_time or 0.0}){end}'"
    return _changed(audio, f'volume={factor}{when}')


@udf(is_method=True)
def fade_in(audio: Audio, *, duration: float) -> Audio:
    """The sound, coming out of silence within its first `duration` seconds."""
    return _changed(audio, f'afade=in:st=0:d={positive("duration", duration)}')


@udf(is_method=True)
def fade_out(audio: Audio, *, duration: float) -> Audio:
    """The sound, going into silence within its last `duration` seconds."""
    from pixeltable.functions._av.splitting import loudness

    start = max(0.0, loudness(audio)[1] - positive('duration', duration))
    return _changed(audio, f'afade=out:st={start}:d={duration}')


@udf(is_method=True)
def normalize(audio: Audio) -> Audio:
    """The sound as loud as it gets: its highest peak just fits."""
    from pixeltable.functions._av.splitting import peak_of

    peak = peak_of(audio)
    return _changed(audio, f'volume={1.0 / peak}' if peak > 0 else 'anull')


def _changed(audio: str, chain: str) -> str:
    from pixeltable.functions._av.filters import filtered
    from pixeltable.functions._av.recording import write_same
    from pixeltable.functions._av.sources import sounds

    track = sounds(audio)
    made = None if track is None else write_same(filtered(track, chain, is_video=False), audio)
    if made is None:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{audio!r} has no sound in it.')
    return made


def _tick(rate: int) -> Any:
    from fractions import Fraction

    return Fraction(1, rate)
