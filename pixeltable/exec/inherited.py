"""How a view reads the columns of its base: by the ids of the base rows that its own rows hold, at the same commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.records import Segment
from pixeltable.catalog.views import BASE_ROW, LEVEL
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name, property_field
from pixeltable.plan.logical import POSITION
from pixeltable.storage import deletes
from pixeltable.types import buffers

if TYPE_CHECKING:
    from pixeltable.exec.source import Source
    from pixeltable.plan.logical import ScanColumn

BASE_FIELD = field_name(BASE_ROW)

_Integers = NDArray[np.int64]


def is_inherited(source: Source, name: str) -> bool:
    """Whether a field of a view is one of its base."""
    return name != POSITION and source.columns[name].column_id >= LEVEL


def below(column: ScanColumn) -> str:
    """What the base calls a field that a view inherits."""
    column_id = column.column_id - LEVEL
    return field_name(column_id) if column.part == 'value' else property_field(column_id, column.part)


def read_through(source: Source, fields: Sequence[str], read: Callable[[Sequence[str]], pa.Table]) -> pa.Table:
    """Rows of a view with `fields`, of which `read` gives those that the view holds itself."""
    lower = {name: below(source.columns[name]) for name in fields if is_inherited(source, name)}
    held = read(list(dict.fromkeys([*(name for name in fields if name not in lower), BASE_FIELD])))
    assert source.base is not None
    gathered = gather(source.base, list(lower.values()), buffers.numbers(held.column(BASE_FIELD)))
    columns = [gathered.column(lower[name]) if name in lower else held.column(name) for name in fields]
    return pa.Table.from_arrays(columns, names=list(fields))


def gather(source: Source, fields: Sequence[str], ids: _Integers) -> pa.Table:
    """The rows with `ids`, in that order; NULL where there is no such row."""
    positions = positions_of_ids(source, ids)
    there = positions >= 0
    if there.all():
        return source.fetch(fields, positions)
    found = source.fetch(fields, positions[there])
    places = np.cumsum(there) - 1
    return found.take(buffers.primitive(pa.int64(), places, there))


def positions_of_ids(source: Source, ids: _Integers) -> _Integers:
    """The position of the live row with each of `ids`; -1 where there is none."""
    found = np.full(len(ids), -1, np.int64)
    if not len(ids):
        return found
    low, high = int(ids.min()), int(ids.max())
    for index, segment in enumerate(source.contents.segments):
        if segment.max_id < low or segment.min_id > high:
            continue
        asked = np.flatnonzero((ids >= segment.min_id) & (ids <= segment.max_id))
        if not len(asked):
            continue
        rows = _rows_of_ids(source, index, segment, ids[asked])
        if segment.deletes is not None:
            rows[~deletes.decode(segment.deletes.data, segment.rows)[rows]] = -1
        found[asked[rows >= 0]] = rows[rows >= 0] + source.offsets[index]
    return found


def _rows_of_ids(source: Source, index: int, segment: Segment, ids: _Integers) -> _Integers:
    """The rows of a segment that have `ids`, -1 for none."""
    if segment.first_id is not None:
        return ids - segment.first_id
    held = buffers.numbers(source.read_segment(index, segment, [ROW_ID_FIELD], keep_deleted=True).column(ROW_ID_FIELD))
    order = np.argsort(held, kind='stable')
    rows = order[np.minimum(np.searchsorted(held, ids, sorter=order), len(held) - 1)]
    return np.where(held[rows] == ids, rows, -1)
