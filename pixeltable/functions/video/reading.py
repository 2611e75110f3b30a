"""What a film says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixeltable.functions._av.types import ContainerMetadata
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Video = str
else:
    from pixeltable.types.spelling import Video


@udf(is_method=True)
def get_metadata(video: Video) -> ContainerMetadata:
    """Rates, size, tags, and the streams of the file: type, duration, codec, size and frame rates."""
    from pixeltable.functions._av.metadata import of_file

    return of_file(video)


@udf(is_method=True)
def get_duration(video: Video) -> float | None:
    """How many seconds the film lasts."""
    from pixeltable.functions._av.sources import duration

    return duration(video)
