"""Result types of functions of images, and what tells the evaluator how they take their images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pixeltable.types.column_type import ColumnType, ImageShape, Kind

Declared = TypeVar('Declared', bound=Callable[..., Any])

ONE_CHANNEL = 'L'


def image_of(size: Any = None, mode: str | None = None) -> ColumnType:
    """The type of images of a size, mode, or both."""
    shape = None if size is None else (int(size[0]), int(size[1]))
    return ColumnType(Kind.IMAGE, detail=ImageShape(shape, mode) if shape or mode else None)


def unread(function: Declared) -> Declared:
    """Marks a function that gets, each time, an image of its own whose pixels are not read yet: it may need none, or few."""
    function.takes_unread_images = True  # type: ignore[attr-defined]
    return function
