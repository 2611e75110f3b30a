"""Checks what a file that is whole holds against what the catalog says of it: columns, row count, row ids, statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pixeltable.catalog import documents
from pixeltable.catalog.read.audit import FileRow, SegmentRow
from pixeltable.catalog.records import ROW_ID, FileRecord, StoredColumn
from pixeltable.errors import Error
from pixeltable.exec.maintenance.findings import REPAIR, REPORT, WrongAside
from pixeltable.exec.maintenance.verify_catalog import TableCheck
from pixeltable.storage import stats


def name_of(row: FileRow | FileRecord) -> str:
    """How a file is called in problems."""
    return repr(row.path) if row.path is not None else f'{row.id} (inlined in the catalog)'


class TableContent:
    """The content of an inlined file."""

    def __init__(self, table: pa.Table) -> None:
        self.rows = table.num_rows
        self.names = table.column_names
        self.field_ids: dict[str, int] = {}
        self._table = table

    def column(self, name: str) -> Iterator[pa.ChunkedArray]:
        yield self._table.column(name)


class ParquetContent:
    """The content of a Parquet file, a row group at a time."""

    def __init__(self, file: pq.ParquetFile) -> None:
        self.rows = file.metadata.num_rows
        schema = file.schema_arrow
        self.names = schema.names
        ids = {field.name: (field.metadata or {}).get(b'PARQUET:field_id') for field in schema}
        self.field_ids = {name: int(found) for name, found in ids.items() if found is not None}
        self._file = file

    def column(self, name: str) -> Iterator[pa.ChunkedArray]:
        for group in range(self._file.num_row_groups):
            yield self._file.read_row_group(group, columns=[name]).column(name)


Content = TableContent | ParquetContent


def check_content(check: TableCheck, row: FileRow, content: Content, segment: SegmentRow) -> None:
    """What a file that is whole holds, against what the catalog says of it."""
    stored = documents.stored_columns(row.columns)
    if content.rows != segment.rows:
        check.problem(
            f'it has {content.rows} rows where segment {segment.id} has {segment.rows}', REPORT, file=name_of(row)
        )
        return
    lost = [column.name for column in stored if column.name not in content.names]
    if lost:
        check.problem(f'it has no column {", ".join(map(repr, lost))}', REPORT, file=name_of(row))
        return
    for column in stored:
        held = content.field_ids.get(column.name, column.column_id)
        if held != column.column_id:
            check.problem(
                f'its column {column.name!r} is marked as column {held}, not {column.column_id}',
                REPORT,
                file=name_of(row),
            )
        if column.column_id == ROW_ID and segment.first_id is None:
            _check_row_ids(check, row, content, column.name, segment)
    if row.stats is not None:
        _check_stats(check, row, content, stored)


def _check_row_ids(check: TableCheck, row: FileRow, content: Content, name: str, segment: SegmentRow) -> None:
    ids = pc.cast(
        pa.chunked_array([chunk for part in content.column(name) for chunk in part.chunks], pa.int64()), pa.int64()
    )
    if ids.null_count or len(pc.unique(ids)) != len(ids):
        check.problem('its row ids are not unique', REPORT, file=name_of(row))
        return
    bounds = pc.min_max(ids).as_py()
    if (bounds['min'], bounds['max']) != (segment.min_id, segment.max_id):
        check.problem(
            f'its row ids are {bounds["min"]} to {bounds["max"]} where segment {segment.id} has {segment.min_id} to '
            f'{segment.max_id}',
            REPORT,
            file=name_of(row),
        )


def _check_stats(check: TableCheck, row: FileRow, content: Content, stored: Sequence[StoredColumn]) -> None:
    """Statistics that leave out a value would make queries leave out its row."""
    names = {column.column_id: column.name for column in stored}
    try:
        bounds = stats.parse(row.stats or '')
    except Error as error:
        wrong = [f'cannot be read: {error.message}']
    else:
        wrong = [
            f'of column {names.get(column_id, column_id)!r} do not hold'
            for column_id, each in bounds.items()
            if column_id not in names or not _holds(each, content.column(names[column_id]))
        ]
    for text in wrong:
        check.problem(f'its statistics {text}', REPAIR, file=name_of(row), cause=WrongAside(row.table_id, (row.id,)))


def _holds(bounds: stats.Bounds, parts: Iterator[pa.ChunkedArray]) -> bool:
    nulls = 0
    for part in parts:
        values = _physical(part)
        nulls += values.null_count
        if pa.types.is_floating(values.type):
            is_nan = pc.is_nan(values)
            if not bounds.may_be_nan and pc.any(is_nan).as_py():
                return False
            values = values.filter(pc.invert(pc.fill_null(is_nan, False)))
        found = pc.min_max(values).as_py()
        if found['min'] is None:
            continue
        if (bounds.low is not None and found['min'] < bounds.low) or (
            bounds.high is not None and found['max'] > bounds.high
        ):
            return False
    return bounds.nulls is None or bounds.nulls == nulls


def _physical(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values as Parquet's statistics see them."""
    type_ = values.type
    if isinstance(type_, pa.UuidType):
        return pa.chunked_array([chunk.storage.cast(pa.binary()) for chunk in values.chunks], pa.binary())
    if pa.types.is_timestamp(type_):
        return values.cast(pa.int64())
    if pa.types.is_date(type_) or pa.types.is_boolean(type_):
        return values.cast(pa.int32())
    return values
