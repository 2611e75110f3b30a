"""Keeps the rows that meet conditions on single fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pixeltable.exec.arithmetic import remainder
from pixeltable.exec.relational import joined
from pixeltable.exprs.conditions import Condition
from pixeltable.types import buffers
from pixeltable.types.column_type import Kind

_DTYPES = {Kind.INT: 'int64', Kind.FLOAT: 'float64', Kind.TIMESTAMP: 'int64', Kind.DATE: 'int32'}


def keep(conditions: Sequence[Condition], tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The rows of `tables` that meet all of `conditions`, in their order; small tables are put together."""
    return joined(_kept(conditions, table) for table in joined(tables))


def _kept(conditions: Sequence[Condition], table: pa.Table) -> pa.Table:
    return table.filter(reduce(pc.and_, (_met(table.column(each.field.name), each) for each in conditions)))


def _met(column: pa.ChunkedArray, condition: Condition) -> pa.ChunkedArray:
    """For each row whether it meets the condition; NULL for NULL, which no comparison holds for."""
    if not condition.values:
        return column.is_null() if condition.op == 'is_null' else column.is_valid()
    (value,) = condition.values
    if condition.divisor is not None:
        column = remainder(column, buffers.integers([condition.divisor])[0])
    dtype = _DTYPES[condition.field.type.kind]
    if isinstance(value, float) and dtype == 'int64':
        column, dtype = column.cast(pa.float64(), safe=False), 'float64'
    return _COMPARE[condition.op](column, buffers.primitive(column.type, np.array([value], dtype))[0])


def _not(compare: Callable[[pa.ChunkedArray, pa.Scalar], pa.ChunkedArray]) -> Callable[..., pa.ChunkedArray]:
    return lambda column, value: pc.invert(compare(column, value))


# NaN is greater than every number, and Arrow says of it that it is neither less nor greater.
_COMPARE: dict[str, Callable[[pa.ChunkedArray, pa.Scalar], pa.ChunkedArray]] = {
    'eq': pc.equal,
    'lt': pc.less,
    'le': pc.less_equal,
    'gt': _not(pc.less_equal),
    'ge': _not(pc.less),
}
