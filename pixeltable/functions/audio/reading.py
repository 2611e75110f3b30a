"""What sound says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixeltable.functions._av.types import ContainerMetadata
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Audio = str
else:
    from pixeltable.types.spelling import Audio


@udf(is_method=True)
def get_metadata(audio: Audio) -> ContainerMetadata:
    """Rates, size, tags, and the streams of the file."""
    from pixeltable.functions._av.metadata import of_file

    return of_file(audio)
