"""`t.video.frame` and `t.video.audio`: the pictures and the sound of a film, for functions of an image or of a sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixeltable.functions.video.frames import positions
from pixeltable.functions.video.sound import extract_audio
from pixeltable.types.fragments import frame_reference
from pixeltable.types.media_paths import reference_of
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Audio = str
    Image = Any
    Video = str
else:
    from pixeltable.types.spelling import Audio, Image, Video


@udf(is_property=True)
def frame(video: Video) -> list[Image]:
    """The pictures of a film, one a second. A function of an image is applied to each of them, and gives a list.

    A column of them stores no pictures but references, which are decoded when they are used. A query gives Pillow images.

        videos.add_computed_column(objects=yolox(videos.video.frame))
    """
    film = reference_of(video)
    return [frame_reference(film, each['pts']) for each in positions(video, fps=1.0) if each['pts'] is not None]


@udf(is_property=True)
def audio(video: Video) -> Audio | None:
    """The sound track of a film, as a WAV file; None if it has none."""
    found: str | None = extract_audio.py_fn(video_path=video)
    return found
