"""The types of embeddings, whose lengths are known before a provider is asked."""

from __future__ import annotations

from typing import Annotated, Any

from pixeltable.types.column_type import ArrayShape, ColumnType, Kind


def vector(length: int | None) -> ColumnType:
    """An array of so many numbers; None for a length that is not known."""
    return ColumnType(Kind.ARRAY, detail=ArrayShape((length,), 'float32'))


Vector = Annotated[Any, vector(None)]
Vector1024 = Annotated[Any, vector(1024)]
