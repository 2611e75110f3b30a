"""What makes a column an index, as a frozen value."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EmbeddingSpec:
    """Makes a computed column an embedding index on `column_id`.

    `also` holds the expression documents of the calls that embed items of other types than the column's, to search with them.
    """

    index_name: str
    column_id: int
    metric: str
    precision: str
    also: tuple[dict[str, Any], ...] = ()

    def document(self) -> dict[str, Any]:
        return {name: value for name, value in dataclasses.asdict(self).items() if value != ()}

    @classmethod
    def of(cls, document: dict[str, Any]) -> EmbeddingSpec:
        return cls(**document | {'also': tuple(document.get('also', ()))})
