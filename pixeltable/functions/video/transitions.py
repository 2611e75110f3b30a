"""One film going over into another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Video = str
else:
    from pixeltable.types.spelling import Video


@udf
def transition(
    video1: Video,
    video2: Video,
    *,
    effect: Literal[
        'fade', 'wipeleft', 'wiperight', 'wipeup', 'wipedown', 'slideleft', 'slideright', 'slideup', 'slidedown',
        'dissolve', 'smoothleft', 'smoothright', 'smoothup', 'smoothdown',
    ] = 'fade',
    duration: float = 1.0,
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:  # fmt: skip
    """`video1`, which within its last `duration` seconds goes over into `video2`, in the size and rate of the first."""
    from pixeltable.functions._av.crossing import crossed

    if not duration > 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'transition(): duration is above 0, not {duration}.')
    return crossed(video1, video2, effect, duration, video_encoder, video_encoder_args)
