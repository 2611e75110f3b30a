"""What `document_splitter` gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    Image = Any
else:
    from pixeltable.types.spelling import Image


class Heading(TypedDict, total=False):
    """The headings that a chunk is below, by their level; those that there are."""

    h1: str
    h2: str
    h3: str
    h4: str
    h5: str
    h6: str


class BoundingBox(TypedDict):
    """The left, upper, right and lower edge, in points from the top left corner of the page: 72 of them are an inch."""

    x1: float
    y1: float
    x2: float
    y2: float


class DocumentChunk(TypedDict):
    """A row of `document_splitter`: the text or picture of a chunk, and those of the rest that `metadata` asks for."""

    text: str
    image: Image
    title: str | None
    heading: Heading | None
    sourceline: int | None
    page: int | None
    bounding_box: BoundingBox | None
