"""Writes tables of fields as column files of segments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import ROW_ID, ColumnRecord, Segment, StoredColumn, TableRecord
from pixeltable.exec.compute import Errors
from pixeltable.exec.source import Source
from pixeltable.exec.vectors import errors_to_arrow
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name
from pixeltable.plan.logical import POSITION
from pixeltable.storage.row_keys import RowKeys
from pixeltable.storage.segments import SegmentStore
from pixeltable.types import buffers


def write(
    store: SegmentStore,
    table: TableRecord,
    rows: pa.Table,
    columns: Sequence[ColumnRecord],
    errors: Errors,
) -> NewFile:
    """Stores the fields of `columns`, with the errors of their cells, as one file of a segment that exists."""
    return store.write(table.folder, *_named(rows, columns, errors, False))


def write_segment(
    store: SegmentStore,
    table: TableRecord,
    rows: pa.Table,
    columns: Sequence[ColumnRecord],
    errors: Errors,
    keys: RowKeys | None,
    *,
    row_ids: bool = False,
) -> tuple[NewFile, ...]:
    """Stores the fields of `columns`, and of the row ids if asked for, with the errors of their cells, as a new segment.

    `keys` are the primary keys of the rows, if the table has one.
    """
    return store.write_segment(table.folder, *_named(rows, columns, errors, row_ids), keys=keys)


def _named(
    rows: pa.Table, columns: Sequence[ColumnRecord], errors: Errors, row_ids: bool
) -> tuple[pa.Table, list[StoredColumn]]:
    """The table to store, and what its columns are."""
    fields = [field_name(column.id) for column in columns]
    if not (errors or row_ids) and rows.schema.names == fields:
        stored = [StoredColumn(column.id, column.name, column.fingerprint) for column in columns]
        return rows.rename_columns([column.name for column in columns]), stored
    stored, arrays = [], []
    if row_ids:
        stored.append(StoredColumn(ROW_ID, '_row_id'))
        arrays.append(rows.column(ROW_ID_FIELD))
    for field, column in zip(fields, columns, strict=True):
        stored.append(StoredColumn(column.id, column.name, column.fingerprint))
        arrays.append(rows.column(field))
        if errors.get(field):
            stored.append(StoredColumn(-column.id, f'_error_{column.name}'))
            arrays.append(errors_to_arrow(errors[field], rows.num_rows))
    return pa.Table.from_arrays(arrays, names=[column.name for column in stored]), stored


def with_deleted_rows(
    source: Source, index: int, segment: Segment, live: pa.Table, errors: Errors
) -> tuple[pa.Table, Errors]:
    """`live`, which has a row for each live row of the segment, spread over all its rows; the deleted ones are NULL."""
    if segment.deletes is None:
        return live, errors
    held = source.read_segment(index, segment, [POSITION]).column(POSITION)
    positions = buffers.numbers(held) - source.offsets[index]
    places = np.full(segment.rows, -1, np.int64)
    places[positions] = np.arange(len(positions))
    spread = live.take(buffers.primitive(pa.int64(), places, places >= 0))
    moved = {field: {int(positions[row]): error for row, error in cells.items()} for field, cells in errors.items()}
    return spread, moved
