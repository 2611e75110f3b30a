"""Iterators over images, for `create_view(..., iterator=...)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypedDict

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions.image.types import unread
from pixeltable.iterators.decorators import iterator
from pixeltable.types.fragments import part_reference

if TYPE_CHECKING:
    Image = Any
else:
    from pixeltable.types.spelling import Image


class Tile(TypedDict):
    """A part of an image, its column and row among the tiles, and its left, upper, right and lower edge."""

    tile: Image
    tile_coord: tuple[int, int]
    tile_box: tuple[int, int, int, int]


@iterator
@unread
def tile_iterator(image: Image, tile_size: tuple[int, int], *, overlap: tuple[int, int] = (0, 0)) -> Iterator[Tile]:
    """A row for each tile of an image, from left to right and from top to bottom. Those at its edges may reach beyond them.

    Tiles of images that lie in files are references to parts of them, and hold no pixels.
    """
    width, height = tile_size
    across, down = width - overlap[0], height - overlap[1]
    reference = getattr(image, 'reference', None)
    for row, top in enumerate(range(0, max(image.height - overlap[1], 1), down)):
        for column, left in enumerate(range(0, max(image.width - overlap[0], 1), across)):
            box = (left, top, left + width, top + height)
            tile = image.crop(box) if reference is None else part_reference(reference, left, top, width, height)
            yield {'tile': tile, 'tile_coord': (column, row), 'tile_box': box}


tile_iterator.references = frozenset({'tile'})


@tile_iterator.validate
def _check_tiles(constants: dict[str, Any]) -> None:
    size, overlap = constants.get('tile_size'), constants.get('overlap', (0, 0))
    if not all(isinstance(number, int) for number in (*(size or ()), *overlap)):
        raise RequestError(
            ErrorCode.TYPE_MISMATCH,
            f'tile_iterator(): tile_size and overlap are whole numbers, not {size!r} and {overlap!r}.',
        )
    if size is not None and min(size) <= 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'tile_iterator(): tile_size is above 0, not {size!r}.')
    if min(overlap) < 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'tile_iterator(): overlap is from 0, not {overlap!r}.')
    if size is not None and any(over >= side for over, side in zip(overlap, size, strict=True)):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'tile_iterator(): overlap is less than tile_size, {size!r}, not {overlap!r}.'
        )
