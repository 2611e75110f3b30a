"""Writes a column file again without the values of some of its rows, which stay in their places."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import ROW_ID, FileRecord, Segment
from pixeltable.storage.read_columns import ReadColumn
from pixeltable.storage.segments import SegmentStore
from pixeltable.types import buffers


def blanked(
    store: SegmentStore,
    folder: str,
    segment: Segment,
    file: FileRecord,
    positions: NDArray[np.int64],
    never_null: Collection[int],
) -> NewFile:
    """`file` of `segment` with other values for the rows at `positions`, which are not all rows.

    They are NULL; in the columns `never_null`, which readers rely on, they are those of another row. Row ids stay.
    """
    alone = dataclasses.replace(segment, id=-1, first_id=None, files=(file,), deletes=None)
    types = store.types(alone)
    wanted = [ReadColumn(column.column_id, column.name, types[column.column_id]) for column in file.columns]
    table = store.read(alone, wanted, keep_deleted=True, cache=False)
    is_blank = np.zeros(segment.rows, np.bool_)
    is_blank[positions] = True
    rows = np.arange(segment.rows)
    replaced = np.where(is_blank, np.flatnonzero(~is_blank)[0], rows)
    arrays = []
    for column, array in zip(file.columns, table.columns, strict=True):
        if column.column_id == ROW_ID:
            arrays.append(array)
        elif column.column_id in never_null:
            arrays.append(array.take(buffers.positions(replaced)))
        else:
            arrays.append(array.take(buffers.primitive(pa.int64(), rows, ~is_blank)))
    return store.write(
        folder, pa.Table.from_arrays(arrays, names=table.column_names), file.columns, inline=file.path is None
    )


def row_ids(store: SegmentStore, segment: Segment) -> NDArray[np.int64]:
    """The ids of all rows of a segment, deleted ones too."""
    table = store.read(segment, [ReadColumn(ROW_ID, 'id', pa.int64())], keep_deleted=True)
    ids: NDArray[np.int64] = buffers.numbers(table.column(0))
    return ids
