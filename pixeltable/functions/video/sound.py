"""Films and their sound."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Audio = str
    Video = str
else:
    from pixeltable.types.spelling import Audio, Video


@udf(is_method=True)
def extract_audio(
    video_path: Video,
    stream_idx: int = 0,
    format: str = 'wav',
    codec: str | None = None,
) -> Audio | None:
    """The sound track of a number as a file of `format`, such as `'wav'`, `'mp3'` or `'flac'`; None if there is none."""
    from pixeltable.functions._av.recording import write_audio
    from pixeltable.functions._av.sources import sounds

    track = sounds(video_path, index=stream_idx)
    return None if track is None else write_audio(track, f'.{format}', codec)


@udf
def with_audio(
    video: Video,
    audio: Audio,
    *,
    video_start_time: float = 0.0,
    video_duration: float | None = None,
    audio_start_time: float = 0.0,
    audio_duration: float | None = None,
) -> Video:
    """The film, or a part of it, with the sound of `audio`, or a part of that, in place of its own.

    Sound that is longer than the film is cut off, and after shorter sound the film is silent.
    """
    from pixeltable.functions._av.applying import written
    from pixeltable.functions._av.checking import positive
    from pixeltable.functions._av.sources import duration, pictures, sounds

    if video_start_time < 0 or audio_start_time < 0:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'with_audio(): start times are from 0, not {video_start_time} and {audio_start_time}.',
        )
    video_end = None if video_duration is None else video_start_time + positive('video_duration', video_duration)
    heard = math.inf if audio_duration is None else positive('audio_duration', audio_duration)
    seen = min(duration(video) or math.inf, video_end or math.inf) - video_start_time
    audio_end = None if (length := min(heard, seen)) == math.inf else audio_start_time + length
    frames = pictures(video, video_start_time, video_end)
    return written(video, frames, sounds(audio, audio_start_time, audio_end), None, None)


@udf(is_method=True)
def mix_audio(
    video: Video,
    audio: Audio,
    *,
    audio_volume: float = 1.0,
    original_volume: float = 1.0,
    audio_start_time: float = 0.0,
    mix_duration: Literal['first', 'longest', 'shortest'] = 'longest',
    normalize: bool = False,
    dropout_transition: float = 2.0,
    align_to_video: Literal['none', 'trim', 'pad'] = 'trim',
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The film with the sound of `audio` mixed into its own.

    Args:
        audio_volume: factor of what is added; `original_volume` of what there is.
        audio_start_time: from where on `audio` is taken.
        mix_duration: whether the mix lasts as long as the film's own sound, or the longest or shortest of both.
        normalize: whether the volume is lowered so that both fit.
        dropout_transition: seconds in which the volume goes up again when one ends, if it was lowered.
        align_to_video: whether what is longer than the film is cut off, what is shorter filled with silence, or neither.
    """
    from pixeltable.functions._av.mixing import Mix, mixed

    if audio_volume < 0 or original_volume < 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'mix_audio(): volumes are from 0.')
    mix = Mix(
        original_volume, audio_volume, audio_start_time, mix_duration, normalize, dropout_transition, align_to_video
    )
    return mixed(video, audio, mix, video_encoder, video_encoder_args)
