"""Films changed frame by frame, with FFmpeg's filters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.checking import positive
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Video = str
else:
    from pixeltable.types.spelling import Video

Options = dict[str, Any] | None


@udf(is_method=True)
def ffmpeg_filter(
    video: Video,
    *,
    vf: str,
    af: str | None = None,
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The film through a chain of FFmpeg's filters such as `'scale=320:-2,hflip'`, and its sound through `af`."""
    return _filtered(video, vf, af, video_encoder, video_encoder_args)


@udf(is_method=True)
def crop(
    video: Video,
    bbox: list[int],
    *,
    bbox_format: Literal['xyxy', 'xywh', 'cxcywh'] = 'xywh',
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The part of each frame inside a box; by default left, top, width and height."""
    from pixeltable.functions.vision.boxes import converted

    x, y, w, h = (round(value) for value in converted([bbox], bbox_format, 'xywh')[0])
    if w <= 0 or h <= 0 or x < 0 or y < 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'crop(): {bbox} is no box inside of the frame.')
    return _filtered(video, f'crop={w}:{h}:{x}:{y}', None, video_encoder, video_encoder_args)


@udf(is_method=True)
def resize(
    video: Video,
    *,
    width: int | None = None,
    height: int | None = None,
    scale: float | None = None,
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The film in another size: width, height, or both; of one alone the proportions are kept. Or scaled by a factor."""
    if (scale is None) == (width is None and height is None):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'resize() takes width, height or both, or scale.')
    if any(value is not None and value <= 0 for value in (width, height, scale)):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'resize(): width, height and scale are above 0.')
    if scale is None:
        size = width or _least_two('round(oh*a/2)*2'), height or _least_two('round(ow/a/2)*2')
    else:
        size = _least_two(f'trunc(iw*{scale}/2)*2'), _least_two(f'trunc(ih*{scale}/2)*2')
    return _filtered(video, f'scale={size[0]}:{size[1]}', None, video_encoder, video_encoder_args)


@udf(is_method=True)
def reverse(
    video: Video,
    audio: Literal['reverse', 'drop', 'keep'] = 'drop',
    *,
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The film backwards, which takes all of its frames into memory; its sound backwards, left out, or as it is."""
    from pixeltable.functions._av.reversing import reversed_film

    sound = {'reverse': 'areverse', 'keep': None, 'drop': ''}[audio]
    return reversed_film(video, sound, video_encoder, video_encoder_args)


@udf(is_method=True)
def fade_in(
    video: Video,
    *,
    duration: float = 1.0,
    color: str = 'black',
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The film, coming out of a colour within its first seconds."""
    filters = f'fade=in:st=0:d={positive("duration", duration)}:c={color}'
    return _filtered(video, filters, None, video_encoder, video_encoder_args)


@udf(is_method=True)
def fade_out(
    video: Video,
    *,
    duration: float = 1.0,
    color: str = 'black',
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The film, going into a colour within its last seconds."""
    from pixeltable.functions._av.sources import duration as length_of

    start = max(0.0, (length_of(video) or 0.0) - positive('duration', duration))
    return _filtered(video, f'fade=out:st={start}:d={duration}:c={color}', None, video_encoder, video_encoder_args)


@udf(is_method=True)
def speed(
    video: Video, *, factor: float, video_encoder: str | None = None, video_encoder_args: dict[str, Any] | None = None
) -> Video:
    """The film `factor` times as fast, with its sound in the same pitch."""
    from pixeltable.functions._av.hurrying import hurried

    return hurried(video, positive('factor', factor), video_encoder, video_encoder_args)


@udf(is_method=True)
def mirror_x(
    video: Video, *, video_encoder: str | None = None, video_encoder_args: dict[str, Any] | None = None
) -> Video:
    """The film with left and right exchanged."""
    return _filtered(video, 'hflip', None, video_encoder, video_encoder_args)


@udf(is_method=True)
def mirror_y(
    video: Video, *, video_encoder: str | None = None, video_encoder_args: dict[str, Any] | None = None
) -> Video:
    """The film with top and bottom exchanged."""
    return _filtered(video, 'vflip', None, video_encoder, video_encoder_args)


@udf(is_method=True)
def rotate(
    video: Video,
    *,
    angle: float,
    unit: Literal['deg', 'rad'] = 'deg',
    expand: bool = False,
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The film turned clockwise, in its own size or, with `expand`, in one that holds all of it."""
    turn = math.radians(angle) if unit == 'deg' else angle
    size = f":ow='trunc(rotw({turn})/2)*2':oh='trunc(roth({turn})/2)*2'" if expand else ''
    return _filtered(video, f'rotate={turn}{size}', None, video_encoder, video_encoder_args)


@udf(is_method=True)
def grayscale(
    video: Video, *, video_encoder: str | None = None, video_encoder_args: dict[str, Any] | None = None
) -> Video:
    """The film without colours."""
    return _filtered(video, 'hue=s=0', None, video_encoder, video_encoder_args)


@udf(is_method=True)
def adjust_brightness(
    video: Video, *, factor: float, video_encoder: str | None = None, video_encoder_args: dict[str, Any] | None = None
) -> Video:
    """The film with each value multiplied by `factor`: 0 is black, 1 as it was."""
    if factor < 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'adjust_brightness(): factor is from 0, not {factor}.')
    gain = f"'clip(val*{factor},minval,maxval)'"
    return _filtered(video, f'lutrgb=r={gain}:g={gain}:b={gain}', None, video_encoder, video_encoder_args)


@udf(is_method=True)
def scroll(
    video: Video,
    *,
    w: int | None = None,
    h: int | None = None,
    x_speed: float = 0,
    y_speed: float = 0,
    x_start: int = 0,
    y_start: int = 0,
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """A window of `w` by `h` pixels that moves over the film by so many pixels a second, as far as there are any."""
    x = f"'max(0,min(iw-ow,{x_start}+{x_speed}*t))'"
    y = f"'max(0,min(ih-oh,{y_start}+{y_speed}*t))'"
    return _filtered(video, f'crop={w or "iw"}:{h or "ih"}:{x}:{y}', None, video_encoder, video_encoder_args)


@udf(is_method=True)
def pan(video: Video, x_sign: int = 0, y_sign: int = 0, crop_pct: float = 0.2) -> Video:
    """A window that moves over the film from its start to its end, as far as there is room.

    Args:
        x_sign: 1 to the right, -1 to the left, 0 not; `y_sign` downwards, upwards or not.
        crop_pct: the share of the width, or height, by which the window is smaller in the direction in which it moves.
    """
    from pixeltable.functions._av.sources import duration

    if not {x_sign, y_sign} <= {-1, 0, 1} or not 0 <= crop_pct < 1:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'pan(): signs are -1, 0 or 1, and crop_pct from 0.0 and below 1.0, not {x_sign}, {y_sign} and {crop_pct}.',
        )
    share = f't/{duration(video) or 1.0}'
    sizes = [f"'floor(i{side}*{1 - crop_pct * abs(sign)})'" for side, sign in (('w', x_sign), ('h', y_sign))]
    places = [
        f"'(i{side}-o{side})*min(1,max(0,{(1 - sign) / 2}+{sign}*{share}))'"
        for side, sign in (('w', x_sign), ('h', y_sign))
    ]
    return _filtered(video, f'crop={":".join([*sizes, *places])}', None, None, None)


@udf(is_method=True)
def zoom(
    video: Video,
    *,
    start_scale: float = 1.0,
    end_scale: float = 1.3,
    center: list[float] | None = None,
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """The film seen ever closer, from one scale to the other; `center`, from 0.0 to 1.0, says around which point."""
    from pixeltable.functions._av.zooming import zoomed

    if start_scale < 1.0 or end_scale < 1.0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'zoom(): scales are from 1.0.')
    x, y = center or (0.5, 0.5)
    return zoomed(video, (start_scale, end_scale), (x, y), video_encoder, video_encoder_args)


def _least_two(pixels: str) -> str:
    return f"'max(2,{pixels})'"  # 0 would mean the size that it had


def _filtered(video: str, vf: str, af: str | None, encoder: str | None, options: Options) -> str:
    """The film through chains of filters; an empty `af` leaves the sound out."""
    from pixeltable.functions._av.applying import applied

    return applied(video, vf, af, encoder, options)
