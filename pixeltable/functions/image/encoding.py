"""Images as text, and as films."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types.pictures import writable_format
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Image = Any
    Video = str
else:
    from pixeltable.types.spelling import Image, Video


@udf(is_method=True)
def b64_encode(img: Image, image_format: str = 'png') -> str:
    """The image as a file of `image_format`, such as `'png'` or `'jpeg'`, in base64, as many models take it."""
    written = writable_format(image_format)
    if written is None:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'b64_encode(): image_format is a format that Pillow writes, such as png or jpeg, not {image_format!r}.',
        )
    file = io.BytesIO()
    img.save(file, written)
    return base64.b64encode(file.getvalue()).decode('ascii')


@udf(is_method=True)
def to_video(
    image: Image,
    *,
    duration: float,
    fps: int = 24,
    video_encoder: str | None = None,
    video_encoder_args: dict[str, Any] | None = None,
) -> Video:
    """A silent film that shows the image for `duration` seconds, in `fps` frames a second."""
    import av

    from pixeltable.functions._av.writing import Film

    if duration <= 0 or fps <= 0:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'to_video(): duration and fps are above 0, not {duration} and {fps}.'
        )

    def frames() -> Iterator[av.VideoFrame]:
        frame = av.VideoFrame.from_image(image.convert('RGB'))
        frame.time_base = Fraction(1, fps)
        for number in range(max(1, round(duration * fps))):
            frame.pts = number
            yield frame

    path = Film(video_encoder, video_encoder_args).write(frames(), rate=Fraction(fps))
    assert path is not None
    return path
