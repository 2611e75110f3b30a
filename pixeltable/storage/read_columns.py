"""What is read of a segment, and how its columns are put together from what its files hold."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.types as is_type
from numpy.typing import NDArray

from pixeltable.catalog.records import ROW_ID, Segment
from pixeltable.errors import ErrorCode, InternalError
from pixeltable.storage.places import Place
from pixeltable.storage.ranges import Ranges
from pixeltable.types import buffers

POSITION = -(1 << 31)
"""The column id that stands for a row's position in its segment, which is what delete vectors speak of."""

DICTIONARY = pa.dictionary(pa.int32(), pa.string())

ERROR_TYPE = pa.struct([('errortype', pa.string()), ('errormsg', pa.string())])
"""The type of the error column `-n` of a computed column `n`, as far as files of every release have it."""

ERROR_DETAILS = pa.struct([*ERROR_TYPE, ('attempts', pa.int64()), ('input', pa.int64()), ('traceback', pa.string())])
"""The same with what only some files have, each or none: calls made, the id of the column that failed first, and the stack."""


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column to read, and the name and type that it has in the result.

    `column_id` may be `ROW_ID` or `POSITION` (both int64), or `-n` for the errors of computed column `n`. Text may be asked
    for as `DICTIONARY`, which is quicker where values repeat.
    """

    column_id: int
    name: str
    type: pa.DataType


@functools.lru_cache(maxsize=256)
def schema_of(columns: tuple[ReadColumn, ...]) -> pa.Schema:
    return pa.schema([pa.field(column.name, column.type) for column in columns])


def column_of(
    segment: Segment,
    places: Mapping[int, Place],
    loaded: Mapping[int, Mapping[str, pa.ChunkedArray]],
    column: ReadColumn,
    rows: Ranges | None,
) -> pa.Array | pa.ChunkedArray:
    """A column in the type that was asked for; `loaded` has by file id what was read from that file."""
    return _conform(_found(segment, places, loaded, column, rows), column)


def _found(
    segment: Segment,
    places: Mapping[int, Place],
    loaded: Mapping[int, Mapping[str, pa.ChunkedArray]],
    column: ReadColumn,
    rows: Ranges | None,
) -> pa.Array | pa.ChunkedArray:
    place = places.get(column.column_id)
    if place is not None:
        return loaded[place.file.id][place.name]
    ranges = rows if rows is not None else [(0, segment.rows)]
    if column.column_id == POSITION:
        return _count(0, ranges)
    if column.column_id == ROW_ID:
        if segment.first_id is None:
            raise InternalError(ErrorCode.INTERNAL_ERROR, f'segment {segment.id} stores no row ids')
        return _count(segment.first_id, ranges)
    return pa.nulls(sum(end - start for start, end in ranges), column.type)


def _count(first: int, ranges: Ranges) -> pa.Array:
    parts = [np.arange(first + start, first + end) for start, end in ranges]
    return buffers.positions(parts[0] if len(parts) == 1 else np.concatenate(parts))


def picked(values: NDArray[np.bool_], ranges: Ranges | None) -> NDArray[np.bool_]:
    """The values of some rows, given those of all."""
    if ranges is None:
        return values
    parts = [values[start:end] for start, end in ranges]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _conform(found: pa.Array | pa.ChunkedArray, column: ReadColumn) -> pa.Array | pa.ChunkedArray:
    if found.type == column.type:
        return found
    try:
        if is_type.is_dictionary(column.type):
            return found.dictionary_encode().cast(column.type)
        return found.cast(column.type)
    except pa.ArrowException as error:
        message = f'column {column.name!r} is stored as {found.type}, which does not convert to {column.type}: {error}'
        raise InternalError(ErrorCode.INTERNAL_ERROR, message) from error
