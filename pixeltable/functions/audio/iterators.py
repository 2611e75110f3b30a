"""Iterators over sound, for `create_view(..., iterator=...)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypedDict

from pixeltable.iterators.decorators import iterator

if TYPE_CHECKING:
    Audio = str
else:
    from pixeltable.types.spelling import Audio


class AudioSegment(TypedDict):
    """A part of a sound, and where it was in it, in seconds."""

    segment_start: float
    segment_end: float
    audio_segment: Audio | None


@iterator
def audio_splitter(
    audio: Audio,
    *,
    duration: float | None = None,
    max_size: int | None = None,
    overlap: float = 0.0,
    min_segment_duration: float = 0.0,
    min_silence_len: float | None = None,
    silence_thresh: float = -40.0,
    trim_leading_silence: bool = False,
) -> Iterator[AudioSegment]:
    """A row for each part of a sound, in the format that it has.

    Args:
        duration: seconds of a part; or `max_size`, how many bytes it may take: the better the sound can be compressed, the
            rougher is that.
        overlap: seconds that a part begins before the end of the one before it.
        min_segment_duration: a shorter part at the end is left out.
        min_silence_len: moves the end of a part back into the last silence of so many seconds, if there is one.
        silence_thresh: what counts as silence, in decibels below full scale.
        trim_leading_silence: whether silence at the start of a part is left out.
    """
    from pixeltable.functions._av.splitting import Plan, parts

    plan = Plan(
        duration, max_size, overlap, min_segment_duration, min_silence_len, silence_thresh, trim_leading_silence
    )
    for start, end, path in parts(audio, plan):
        yield {'segment_start': start, 'segment_end': end, 'audio_segment': path}


@audio_splitter.validate
def _check_plan(constants: dict[str, Any]) -> None:
    names = [parameter.name for parameter in audio_splitter.signature.parameters[1:]]
    if constants.keys() >= set(names):
        from pixeltable.functions._av.splitting import Plan

        Plan(*(constants[name] for name in names))
