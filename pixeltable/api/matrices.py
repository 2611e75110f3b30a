"""Columns of a result as NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.types.arrow import storage_type
from pixeltable.types.column_type import ColumnType, Kind

_NUMBERS = frozenset({Kind.INT, Kind.FLOAT, Kind.BOOL})
_NOT_A_TIME = np.iinfo(np.int64).min


def to_numpy(column: pa.ChunkedArray, type_: ColumnType, values: Callable[[], list[Any]]) -> NDArray[Any]:
    """One item a row; `values` gives the Python objects, where they are needed."""
    if type_.kind in _NUMBERS:
        numbers = column.cast(storage_type(type_))
        if type_.kind is Kind.INT and numbers.null_count:
            numbers = numbers.cast(pa.float64(), safe=False)
        if type_.kind is not Kind.BOOL or not numbers.null_count:
            return np.asarray(numbers.to_numpy())
    if type_.kind is Kind.TIMESTAMP:
        return np.asarray(column.cast(pa.int64()).fill_null(_NOT_A_TIME).to_numpy()).view('datetime64[us]')
    objects = values()
    if (
        type_.kind is Kind.ARRAY
        and len({getattr(value, 'shape', None) for value in objects}) == 1
        and objects[0] is not None
    ):
        return np.stack(objects)
    return np.fromiter(objects, dtype=object, count=len(objects))
