"""Rows of two tables with equal keys. DuckDB finds them, which makes the groups too: equal is what is one group there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.exec.context import Context
from pixeltable.types import buffers

_Integers = NDArray[np.int64]


def pairs(context: Context, left: pa.Table, right: pa.Table, keys: Sequence[str]) -> tuple[_Integers, _Integers]:
    """The rows of both tables whose `keys` are equal, NULL to NULL; without keys, every pair."""
    return _found(context, 'SELECT l.place, r.place AS other FROM l JOIN r ON ' + _equal(keys), left, right, keys)


def among(context: Context, rows: pa.Table, others: pa.Table, keys: Sequence[str]) -> _Integers:
    """The rows of `rows` that have the keys of one of `others`, ascending."""
    sql = 'SELECT l.place, l.place AS other FROM l SEMI JOIN r ON ' + _equal(keys)
    return np.sort(_found(context, sql, rows, others, keys)[0])


def _equal(keys: Sequence[str]) -> str:
    return ' AND '.join(f'l.{name} IS NOT DISTINCT FROM r.{name}' for name in keys) or 'true'


def _found(
    context: Context, sql: str, left: pa.Table, right: pa.Table, keys: Sequence[str]
) -> tuple[_Integers, _Integers]:
    if not left.num_rows or not right.num_rows:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    inputs = {
        name: [table.select(list(keys)).append_column('place', buffers.positions(np.arange(table.num_rows)))]
        for name, table in (('l', left), ('r', right))
    }
    found = pa.Table.from_batches(list(context.relational.run_over(sql, inputs)))
    return buffers.numbers(found.column(0)), buffers.numbers(found.column(1))
