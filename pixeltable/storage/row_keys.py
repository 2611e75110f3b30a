"""The primary keys of rows in memory, and what identifies a set of them to files that may hold the same keys."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable._support.arrays import distinct
from pixeltable.catalog.records import ColumnRecord, StoredColumn
from pixeltable.exprs.bind import field_name
from pixeltable.exprs.conditions import Comparison, Condition, Scalar
from pixeltable.exprs.nodes import Field
from pixeltable.storage.key_hashes import Hashes, canonical, key_hashes
from pixeltable.types import buffers
from pixeltable.types.column_type import INT, Kind

FEW = 1024
"""Up to so many keys are looked up one by one; of more, one or another would pass each filter by chance."""

_ORDERED = {
    Kind.INT: int,
    Kind.BOOL: int,
    Kind.TIMESTAMP: int,
    Kind.DATE: int,
    Kind.FLOAT: float,
    Kind.STRING: str,
    Kind.UUID: bytes,
    Kind.BINARY: bytes,
}
"""The kinds whose values have an order in files, and what their scalars in conditions are."""


class RowKeys:
    """The keys of rows: for each column of the key its values, in canonical form."""

    def __init__(self, columns: Sequence[ColumnRecord], values: tuple[pa.Array, ...]) -> None:
        self.columns = tuple(columns)
        self.values = values

    @staticmethod
    def of(columns: Sequence[ColumnRecord], arrays: Sequence[pa.Array | pa.ChunkedArray]) -> RowKeys:
        """The keys of rows whose columns have the values `arrays`, in their storage types and without NULLs."""
        return RowKeys(columns, tuple(canonical(a, column.type) for column, a in zip(columns, arrays, strict=True)))

    @staticmethod
    def among(columns: Sequence[ColumnRecord], table: pa.Table, stored: Sequence[StoredColumn]) -> RowKeys:
        """The keys of the rows of `table`, whose fields are `stored`."""
        names = {column.column_id: column.name for column in stored}
        return RowKeys.of(columns, [table.column(names[column.id]) for column in columns])

    @property
    def key(self) -> tuple[int, ...]:
        """The ids of the columns."""
        return tuple(column.id for column in self.columns)

    @functools.cached_property
    def hashes(self) -> Hashes:
        """A hash for each row, the same for equal keys."""
        return key_hashes(self.values)

    def __len__(self) -> int:
        return len(self.values[0])

    def take(self, rows: NDArray[np.int64]) -> RowKeys:
        """The keys of some of the rows, by their numbers."""
        chosen = buffers.positions(rows)
        return RowKeys(self.columns, tuple(column.take(chosen) for column in self.values))

    def having(self, hashes: Hashes) -> RowKeys:
        """The keys that have one of `hashes`."""
        return self.take(np.flatnonzero(np.isin(self.hashes, hashes)))

    def exact(self) -> list[tuple[Any, ...]]:
        """Each key as a tuple; two are equal if, and only if, the keys are."""
        return list(zip(*(column.to_pylist() for column in self.values), strict=True))

    def set(self) -> KeySet:
        """What identifies these keys to files."""
        found = {}
        for column, values in zip(self.columns, self.values, strict=True):
            scalars = _scalars(column, values)
            if scalars is not None:
                found[column.id] = scalars
        return KeySet(self.hashes, found)


def _scalars(column: ColumnRecord, values: pa.Array) -> tuple[Scalar, ...] | None:
    """All values of a column in order, if they are few, else the lowest and the highest; None if they have no order."""
    if column.type.kind not in _ORDERED or not len(values):
        return None
    if column.type.kind is Kind.FLOAT:
        found = np.unique(buffers.numpy_values(values, 'float64')).tolist()
        return None if math.isnan(found[-1]) else _shortened(found)
    if pa.types.is_int64(values.type):
        return _shortened(distinct(buffers.numpy_values(values, 'int64')).tolist())
    return _shortened(sorted(set(values.to_pylist())))


def _shortened(ordered: Sequence[Scalar]) -> tuple[Scalar, ...]:
    return tuple(ordered) if len(ordered) <= FEW else (ordered[0], ordered[-1])


@dataclass(frozen=True, slots=True)
class KeySet:
    """Keys as their hashes, and for each column that has an order its values (all in order, or the lowest and the highest)."""

    hashes: Hashes
    values: Mapping[int, tuple[Any, ...]]

    @staticmethod
    def union(sets: Sequence[KeySet]) -> KeySet:
        """The keys of all of `sets`, each as often as it is in them."""
        if len(sets) == 1:
            return sets[0]
        common = set.intersection(*(set(each.values) for each in sets))
        values = {column: _shortened(sorted({v for each in sets for v in each.values[column]})) for column in common}
        return KeySet(np.concatenate([each.hashes for each in sets]), values)

    def conditions(self) -> dict[int, tuple[Condition, ...]]:
        """What holds of the key columns of every row that has one of the keys, by column id."""
        if len(self.hashes) <= FEW:
            return {column: (_condition(column, 'in', values),) for column, values in self.values.items()}
        return {
            column: (_condition(column, 'ge', values[:1]), _condition(column, 'le', values[-1:]))
            for column, values in self.values.items()
        }


def _condition(column_id: int, op: Comparison, values: tuple[Scalar, ...]) -> Condition:
    return Condition(Field(INT, field_name(column_id)), op, values)  # the type says nothing here


def named_keys(columns: Sequence[ColumnRecord], conditions: Mapping[int, Sequence[Condition]]) -> RowKeys | None:
    """The only keys that rows meeting `conditions`, by column id, can have; None if these do not name each column's values."""
    choices = []
    for column in columns:
        found = [each.values for each in conditions.get(column.id, ()) if each.op in ('eq', 'in')]
        if not found or column.type.kind not in _ORDERED or not _fit(column, found[0]):
            return None
        choices.append(found[0])
    if not columns or math.prod(map(len, choices)) > FEW:
        return None
    rows = list(itertools.product(*choices))
    return RowKeys(columns, tuple(_array(c, [row[place] for row in rows]) for place, c in enumerate(columns)))


def _fit(column: ColumnRecord, values: Sequence[Scalar]) -> bool:
    """Whether the values are of the column's own type: an Int compared with a float means any number that rounds to it."""
    return all(isinstance(value, _ORDERED[column.type.kind]) for value in values)


def _array(column: ColumnRecord, scalars: Sequence[Any]) -> pa.Array:
    """Scalars of conditions as `canonical` gives the values of a column."""
    match column.type.kind:
        case Kind.FLOAT:
            return buffers.primitive(pa.int64(), (np.array(scalars, np.float64) + 0.0).view(np.int64))
        case Kind.STRING:
            return buffers.strings(scalars)
        case Kind.UUID | Kind.BINARY:
            return buffers.binaries(scalars)
    return buffers.positions(np.array(scalars, np.int64))
