"""What the attempts at one part of a job computed. Another writer may make it plan again: the rows that are still as they were
need no other call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.records import Schema
from pixeltable.exec.compute import Errors
from pixeltable.exec.context import Context
from pixeltable.exec.differences.cells import differing
from pixeltable.exec.pipeline import Computed, computed, gathered
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.types import buffers


@dataclass(frozen=True, slots=True)
class _Known:
    """Rows with what they were computed from, and what came of it."""

    rows: pa.Table
    results: pa.Table
    errors: Errors


class Results:
    """Used by one thread."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], _Known] = {}

    def compute(
        self, context: Context, schema: Schema, rows: pa.Table, columns: Sequence[ComputedColumn], abort: bool | None
    ) -> Computed:
        """The fields of `columns` for some rows, which have their ids and all that is read, and the cells that failed."""
        key = tuple(f'{column.record.id} {column.fingerprint}' for column in columns)
        known = self._known.get(key)
        if known is None or known.rows.schema != rows.schema:
            found = _computed(context, schema, rows, columns, abort)
        else:
            at, is_same = _unchanged(known.rows, rows)
            found = _picked(known, at[is_same])
            if not is_same.all():
                new = _computed(context, schema, rows.filter(buffers.booleans(~is_same)), columns, abort)
                order = np.empty(len(at), np.int64)
                order[np.flatnonzero(is_same)] = np.arange(np.count_nonzero(is_same))
                order[np.flatnonzero(~is_same)] = np.arange(np.count_nonzero(is_same), len(at))
                found = _taken(*gathered([found, new]), order)
        self._known[key] = _Known(rows, *found)
        return found


def _computed(
    context: Context, schema: Schema, rows: pa.Table, columns: Sequence[ComputedColumn], abort: bool | None
) -> Computed:
    table, errors = gathered(list(computed(context, schema, iter([rows]), columns, abort, rows.num_rows)))
    return table.select([column.field for column in columns]), errors


def _unchanged(known: pa.Table, rows: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each of `rows` is in `known`, and which of them are there with the same values."""
    have, want = (buffers.numbers(table.column(ROW_ID_FIELD)) for table in (known, rows))
    order = np.argsort(have, kind='stable')
    at = order[np.minimum(np.searchsorted(have, want, sorter=order), len(have) - 1)]
    is_same = have[at] == want
    there = np.flatnonzero(is_same)
    for name in rows.column_names:
        before, now = (
            known.column(name).take(buffers.positions(at[there])),
            rows.column(name).take(buffers.positions(there)),
        )
        is_same[there] &= ~differing(before, now)
    return at, is_same


def _picked(known: _Known, at: NDArray[np.int64]) -> Computed:
    return _taken(known.results, known.errors, at)


def _taken(table: pa.Table, errors: Errors, at: NDArray[np.int64]) -> Computed:
    """The rows of a computed table at these places, in this order."""
    places = {int(place): row for row, place in enumerate(at)} if errors else {}
    moved = {
        field: {places[row]: error for row, error in cells.items() if row in places} for field, cells in errors.items()
    }
    return table.take(buffers.positions(at)), {field: cells for field, cells in moved.items() if cells}
