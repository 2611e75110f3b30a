"""What makes a column an index, as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EmbeddingSpec:
    """Makes a computed column an embedding index on `column_id`."""

    index_name: str
    column_id: int
    metric: str
    precision: str
