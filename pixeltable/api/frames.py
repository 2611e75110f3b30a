"""A result as a pandas DataFrame, column by column, without a detour over Python objects where pandas has a type.

NULLs keep whole numbers whole: such a column is `Int64` (or `boolean`), not `float64`. Numbers and texts out of Json are what
pandas takes them for, so that it can calculate with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable._support.optional import require
from pixeltable.types.arrow import storage_type, zone_of
from pixeltable.types.column_type import ColumnType, Kind


def to_pandas(data: pa.Table, types: Mapping[str, ColumnType], zone: tzinfo, values: Callable[[str], list[Any]]) -> Any:
    """The DataFrame for `data`, timestamps in `zone`; `values` gives the Python objects of a column that needs them.

    Raises:
        RequestError: INVALID_CONFIGURATION if pandas is not installed.
    """
    pandas = require('pandas', 'pandas')
    columns: dict[str, Any] = {}
    for name, type_ in types.items():
        if type_.kind in _VECTORIZED:
            column = data.column(name)
            shown = zone_of(column.type, zone) if type_.kind is Kind.TIMESTAMP else zone
            columns[name] = _VECTORIZED[type_.kind](pandas, column.cast(storage_type(type_)), shown)
        else:
            objects = values(name)
            series = pandas.Series(np.fromiter(objects, dtype=object, count=len(objects)), dtype=object)
            columns[name] = series.infer_objects() if type_.kind is Kind.JSON else series
    return pandas.DataFrame(columns, index=pandas.RangeIndex(data.num_rows))


def _floats(_pandas: Any, column: pa.ChunkedArray, _zone: tzinfo) -> Any:
    return column.to_numpy()


def _ints(pandas: Any, column: pa.ChunkedArray, _zone: tzinfo) -> Any:
    if not column.null_count:
        return column.to_numpy()
    return pandas.arrays.IntegerArray(column.fill_null(0).to_numpy(), column.is_null().to_numpy())


def _bools(pandas: Any, column: pa.ChunkedArray, _zone: tzinfo) -> Any:
    if not column.null_count:
        return column.to_numpy()
    return pandas.arrays.BooleanArray(column.fill_null(False).to_numpy(), column.is_null().to_numpy())


def _texts(_pandas: Any, column: pa.ChunkedArray, _zone: tzinfo) -> Any:
    return column.to_pandas()


def _timestamps(pandas: Any, column: pa.ChunkedArray, zone: tzinfo) -> Any:
    ticks = column.cast(pa.int64()).fill_null(np.iinfo(np.int64).min).to_numpy()  # NumPy's NaT
    return pandas.DatetimeIndex(ticks.view('datetime64[us]')).tz_localize('UTC').tz_convert(zone)


_VECTORIZED = {
    Kind.FLOAT: _floats,
    Kind.INT: _ints,
    Kind.BOOL: _bools,
    Kind.STRING: _texts,
    Kind.TIMESTAMP: _timestamps,
}
