"""Segments of rows, written and read as Arrow tables: the one door to stored data.

It decides where a file goes, which of a segment's files counts for a column, and leaves out deleted rows. What is in a
commit is the catalog's business: nothing written here exists for readers until a commit names it.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import ROW_ID, FileRecord, Segment, StoredColumn
from pixeltable.errors import ErrorCode, InternalError
from pixeltable.storage import deletes
from pixeltable.storage.cache import ByteCache
from pixeltable.storage.columns import ColumnCache, ColumnReader, damaged
from pixeltable.storage.files import checksum, encode_ipc, encode_parquet
from pixeltable.storage.objects import ObjectStore

INLINE_BYTES = 64 << 10
"""Arrow data below this travels in the catalog's row: a Parquet file would cost two syncs more than the commit."""

INLINED_CACHE_BYTES = 16 << 20

POSITION = -(1 << 31)
"""The column id that stands for a row's position in its segment, which is what delete vectors speak of."""

ERROR_TYPE = pa.struct([('errortype', pa.string()), ('errormsg', pa.string())])
"""The type of the error column `-n` of a computed column `n`."""


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column to read, and the name and type that it has in the result.

    `column_id` may be `ROW_ID` or `POSITION` (both int64), or `-n` for the errors of computed column `n`.
    """

    column_id: int
    name: str
    type: pa.DataType


class SegmentStore:
    """Writes column files and reads segments. Safe to share between threads."""

    def __init__(self, objects: ObjectStore) -> None:
        self.objects = objects
        self.cache = ColumnCache()
        # Inlined segments are many and tiny: putting one together costs more than its data is worth (50 µs).
        self._inlined: ByteCache[Hashable, pa.Table] = ByteCache(INLINED_CACHE_BYTES)
        self._reader = ColumnReader(objects, self.cache)

    def write(
        self, table_id: str, table: pa.Table, columns: Sequence[StoredColumn], *, inline: bool | None = None
    ) -> NewFile:
        """Store `table`, which has one field for each of `columns`; durable on return, unless it is inlined.

        Args:
            inline: whether the data travels in the catalog; None decides by size.
        """
        names = [column.name for column in columns]
        if table.column_names != names or len(set(names)) != len(names):
            raise InternalError(ErrorCode.INTERNAL_ERROR, f'columns {names} were given data for {table.column_names}')
        if inline if inline is not None else table.nbytes < INLINE_BYTES:
            data = encode_ipc(table)
            return NewFile(tuple(columns), len(data), checksum(data), data=data)
        content = encode_parquet(table, [column.column_id for column in columns])
        path = f'tables/{table_id}/{uuid.uuid4().hex}.parquet'
        self.objects.put(path, content)
        return NewFile(tuple(columns), len(content), checksum(content), path=path)

    def read(
        self, segment: Segment, columns: Sequence[ReadColumn], *, keep_deleted: bool = False, cache: bool = True
    ) -> pa.Table:
        """The rows of `segment` in their order, with `columns` as fields. A column that no file holds is all NULL.

        Args:
            keep_deleted: whether deleted rows are among them.
            cache: whether the decoded columns are worth keeping for the next read.
        """
        if not segment.is_inlined or segment.id < 0:  # a negative id is one that no commit has given yet
            return self._read(segment, columns, keep_deleted, cache)
        deletes_id = segment.deletes.id if segment.deletes and not keep_deleted else None
        key = (segment.id, segment.files[-1].id, deletes_id, tuple(columns))
        table = self._inlined.get(key)
        if table is None:
            table = self._read(segment, columns, keep_deleted, cache)
            self._inlined.put(key, table)
        return table

    def _read(self, segment: Segment, columns: Sequence[ReadColumn], keep_deleted: bool, cache: bool) -> pa.Table:
        if not columns:
            # A table without columns cannot say how many rows it has, unless it once had one.
            return self._read(segment, [_POSITION_COLUMN], keep_deleted, cache).select([])
        places = locate(segment)
        loaded = self._load(segment, places, columns, cache)
        arrays = [_conform(_column(segment, places, loaded, column), column) for column in columns]
        table = pa.Table.from_arrays(arrays, schema=_schema(tuple(columns)))
        if keep_deleted or segment.deletes is None:
            return table
        return table.filter(pa.array(deletes.decode(segment.deletes.data, segment.rows)))

    def read_many(
        self, segments: Iterable[Segment], columns: Sequence[ReadColumn], *, keep_deleted: bool = False
    ) -> Iterator[pa.Table]:
        """One table for each of `segments`, read when it is asked for."""
        # One after another: decoding uses all cores already, and reading ahead measured no faster on a local disk.
        return (self.read(segment, columns, keep_deleted=keep_deleted) for segment in segments)

    def types(self, segment: Segment) -> dict[int, pa.DataType]:
        """The Arrow type of each column that `segment` stores, by column id. Reads them all."""
        places = locate(segment)
        columns = [ReadColumn(column_id, '', pa.null()) for column_id in places]
        loaded = self._load(segment, places, columns, True)
        return {column_id: loaded[place.file.id][place.name].type for column_id, place in places.items()}

    def _load(
        self, segment: Segment, places: dict[int, Place], columns: Sequence[ReadColumn], cache: bool
    ) -> dict[int, dict[str, pa.ChunkedArray]]:
        """By file id, the columns that are to be read from that file."""
        wanted: dict[int, list[str]] = {}
        files: dict[int, FileRecord] = {}
        for column in columns:
            place = places.get(column.column_id)
            if place is not None:
                files[place.file.id] = place.file
                wanted.setdefault(place.file.id, []).append(place.name)
        loaded = {file_id: self._reader.read(file, wanted[file_id], keep=cache) for file_id, file in files.items()}
        for file_id, found in loaded.items():
            rows = max(map(len, found.values()), default=0)
            if rows != segment.rows:
                raise damaged(files[file_id], f'{rows} rows instead of {segment.rows}')
        return loaded


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment keeps a column."""

    file: FileRecord
    name: str
    fingerprint: str | None


def locate(segment: Segment) -> dict[int, Place]:
    """Where each column id of `segment` is read. The last file counts, and ends the errors of what it replaces."""
    places: dict[int, Place] = {}
    for file in segment.files:
        for column in file.columns:
            if column.column_id > 0:
                places.pop(-column.column_id, None)
        for column in file.columns:
            places[column.column_id] = Place(file, column.name, column.fingerprint)
    if segment.first_id is not None:
        places.pop(ROW_ID, None)
    return places


_POSITION_COLUMN = ReadColumn(POSITION, 'position', pa.int64())


@functools.lru_cache(maxsize=256)
def _schema(columns: tuple[ReadColumn, ...]) -> pa.Schema:
    return pa.schema([pa.field(column.name, column.type) for column in columns])


def _column(
    segment: Segment, places: dict[int, Place], loaded: dict[int, dict[str, pa.ChunkedArray]], column: ReadColumn
) -> pa.Array | pa.ChunkedArray:
    place = places.get(column.column_id)
    if place is not None:
        found = loaded[place.file.id].get(place.name)
        if found is None:
            raise damaged(place.file, f'it has no column {place.name!r}')
        return found
    if column.column_id == POSITION:
        return pa.array(np.arange(segment.rows))
    if column.column_id == ROW_ID:
        if segment.first_id is None:
            raise InternalError(ErrorCode.INTERNAL_ERROR, f'segment {segment.id} stores no row ids')
        return pa.array(np.arange(segment.first_id, segment.first_id + segment.rows))
    return pa.nulls(segment.rows, column.type)


def _conform(found: pa.Array | pa.ChunkedArray, column: ReadColumn) -> pa.Array | pa.ChunkedArray:
    if found.type == column.type:
        return found
    try:
        return found.cast(column.type)
    except pa.ArrowException as error:
        message = f'column {column.name!r} is stored as {found.type}, which does not convert to {column.type}: {error}'
        raise InternalError(ErrorCode.INTERNAL_ERROR, message) from error
