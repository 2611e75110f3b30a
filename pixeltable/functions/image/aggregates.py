"""Images made of the rows of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.aggregator import Aggregator
from pixeltable.udf.uda import uda

if TYPE_CHECKING:
    Image = Any
else:
    from pixeltable.types.spelling import Image


@uda(requires_order_by=True)
class stitch_tiles(Aggregator):  # noqa: N801  it is used as a function
    """The image of `width` by `height` pixels that tiles are parts of; where they overlap, the last one counts."""

    def __init__(self) -> None:
        self._image: Any = None

    def update(self, tile: Image, tile_box: tuple[int, int, int, int], width: int, height: int) -> None:
        """Puts a tile at its place: left, upper, right and lower edge."""
        import PIL.Image

        if self._image is None:
            if width <= 0 or height <= 0:
                raise RequestError(
                    ErrorCode.INVALID_ARGUMENT,
                    f'stitch_tiles(): width and height are above 0, not {width} and {height}.',
                )
            self._image = PIL.Image.new(tile.mode, (width, height))
        self._image.paste(tile, (tile_box[0], tile_box[1]))

    def value(self) -> Image | None:
        """The image of the tiles so far; None if there are none."""
        return self._image
