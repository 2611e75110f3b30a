"""Films made of the rows of a group."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pixeltable.functions._av.checking import positive
from pixeltable.udf.aggregator import Aggregator
from pixeltable.udf.uda import uda

if TYPE_CHECKING:
    Image = Any
    Video = str
else:
    from pixeltable.types.spelling import Image, Video


@uda(requires_order_by=True)
class make_video(Aggregator):  # noqa: N801  it is used as a function
    """A film of the images of a group, in the order of the first argument, `fps` of them a second, all in the size of the first:

        frames.group_by(videos).select(make_video(frames.pos, frames.frame, fps=10))

    None for a group without images.
    """

    def __init__(self, fps: int = 25) -> None:
        positive('fps', fps)
        self._fps = fps
        self._film: Any = None
        self._count = 0

    def update(self, frame: Image) -> None:
        """Adds an image."""
        import av

        from pixeltable.functions._av.writing import Stream

        if self._film is None:
            self._film = Stream(Fraction(self._fps), frame.size)
        made = av.VideoFrame.from_image(frame.convert('RGB').resize(self._film.size))
        self._film.add(made, self._count)
        self._count += 1

    def value(self) -> Video | None:
        """The film of the images so far."""
        return None if self._film is None else self._film.finish()


@uda(requires_order_by=True)
class concat_videos_agg(Aggregator):  # noqa: N801
    """The films of a group one after another, in the order of the first argument; see `concat_videos`."""

    def __init__(self, video_encoder: str | None = None, video_encoder_args: dict[str, Any] | None = None) -> None:
        self._encoder, self._options = video_encoder, video_encoder_args
        self._videos: list[str] = []

    def update(self, video: Video) -> None:
        """Adds a film."""
        self._videos.append(video)

    def value(self) -> Video | None:
        """The films so far as one."""
        from pixeltable.functions.video.cutting import joined

        return joined(self._videos, self._encoder, self._options)
