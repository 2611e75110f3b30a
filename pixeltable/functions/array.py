"""Functions and methods of Array expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Array = Any
    Json = Any
else:
    from pixeltable.types.spelling import Array, Json


@udf(is_method=True)
def to_list(self: Array) -> Json:
    """The array as nested Json lists."""
    return self.tolist()
