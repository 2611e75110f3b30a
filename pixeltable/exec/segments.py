"""Writes tables of fields as column files of segments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import ROW_ID, ColumnRecord, Segment, StoredColumn
from pixeltable.exec.compute import Errors
from pixeltable.exec.source import Source
from pixeltable.exec.vectors import errors_to_arrow
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name
from pixeltable.plan.logical import POSITION
from pixeltable.storage.segments import SegmentStore


def write(
    store: SegmentStore,
    table_id: str,
    table: pa.Table,
    columns: Sequence[ColumnRecord],
    errors: Errors,
    *,
    row_ids: bool = False,
) -> NewFile:
    """Stores the fields of `columns`, and of the row ids if asked for, with the errors of their cells, as one file."""
    stored, arrays = [], []
    if row_ids:
        stored.append(StoredColumn(ROW_ID, '_row_id'))
        arrays.append(table.column(ROW_ID_FIELD))
    for column in columns:
        field = field_name(column.id)
        stored.append(StoredColumn(column.id, column.name, column.fingerprint))
        arrays.append(table.column(field))
        if errors.get(field):
            stored.append(StoredColumn(-column.id, f'_error_{column.name}'))
            arrays.append(errors_to_arrow(errors[field], table.num_rows))
    named = pa.Table.from_arrays(arrays, names=[column.name for column in stored])
    return store.write(table_id, named, stored)


def with_deleted_rows(
    source: Source, index: int, segment: Segment, live: pa.Table, errors: Errors
) -> tuple[pa.Table, Errors]:
    """`live`, which has a row for each live row of the segment, spread over all its rows; the deleted ones are NULL."""
    if segment.deletes is None:
        return live, errors
    positions = source.read_segment(index, segment, [POSITION]).column(POSITION).to_numpy() - source.offsets[index]
    places = np.full(segment.rows, -1, np.int64)
    places[positions] = np.arange(len(positions))
    spread = live.take(pa.array(places, mask=places < 0))
    moved = {field: {int(positions[row]): error for row, error in cells.items()} for field, cells in errors.items()}
    return spread, moved
