"""Segments of rows, written and read as Arrow tables: the one door to stored data.

It decides where a file goes, which of a segment's files counts for a column, and leaves out deleted rows. What is in a
commit is the catalog's business: nothing written here exists for readers until a commit names it.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import pyarrow as pa
import pyarrow.types as is_type

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import ColumnRecord, FileRecord, Segment, StoredColumn
from pixeltable.errors import ErrorCode, InternalError
from pixeltable.storage import blocks, deletes, stats
from pixeltable.storage.ahead import ReadAhead
from pixeltable.storage.cache import ByteCache
from pixeltable.storage.columns import WHOLE_BYTES, ColumnCache, ColumnReader, verify
from pixeltable.storage.files import checksum, encode_ipc, encode_parquet
from pixeltable.storage.footers import Footer
from pixeltable.storage.joining import as_one
from pixeltable.storage.objects import ObjectStore
from pixeltable.storage.places import Place, locate
from pixeltable.storage.pruning import Conditions, matching_ranges, may_hold
from pixeltable.storage.ranges import Ranges, common, cut
from pixeltable.storage.read_columns import POSITION, ReadColumn, column_of, picked, schema_of
from pixeltable.storage.row_keys import RowKeys
from pixeltable.storage.segment_keys import SegmentKeys, filter_file
from pixeltable.storage.uncommitted import Uncommitted
from pixeltable.types import buffers
from pixeltable.types.arrow import storage_type

INLINE_BYTES = 64 << 10
"""Arrow data below this travels in the catalog's row: a Parquet file would cost two syncs more than the commit."""

INLINED_CACHE_BYTES = 16 << 20

_POSITION_COLUMN = ReadColumn(POSITION, 'position', pa.int64())


class SegmentStore:
    """Writes column files and reads segments. Safe to share between threads."""

    def __init__(self, objects: ObjectStore) -> None:
        self.objects = objects
        self.cache = ColumnCache()
        # Inlined segments are many and tiny: putting one together costs more than its data is worth (50 µs).
        self._inlined: ByteCache[Hashable, pa.Table] = ByteCache(INLINED_CACHE_BYTES)
        self._reader = ColumnReader(objects, self.cache)
        self.keys = SegmentKeys(objects, self._read_key)
        self.uncommitted = Uncommitted()
        self.ahead = ReadAhead()

    def write(
        self,
        folder: str,
        table: pa.Table,
        columns: Sequence[StoredColumn],
        *,
        key: Collection[int] = (),
        inline: bool | None = None,
    ) -> NewFile:
        """Store `table`, which has one field for each of `columns`; durable on return, unless it is inlined.

        Args:
            folder: what the key of the object begins with (`TableRecord.folder`).
            key: the ids of the columns of the primary key, which have statistics wherever they stand.
            inline: whether the data travels in the catalog; None decides by size.
        """
        names = [column.name for column in columns]
        if table.schema.names != names or len(set(names)) != len(names):
            raise InternalError(ErrorCode.INTERNAL_ERROR, f'columns {names} were given data for {table.column_names}')
        if inline if inline is not None else _is_small(table):
            data = encode_ipc(table)
            return NewFile(tuple(columns), len(data), checksum(data), data=data)
        ids = [column.column_id for column in columns]
        content = encode_parquet(table, ids)
        with self.uncommitted.named() as name:
            self.objects.put(f'{folder}{name}.parquet', content)
            file = NewFile(
                tuple(columns),
                len(content),
                checksum(content),
                f'{folder}{name}.parquet',
                stats=stats.of_file(Footer.read(pa.py_buffer(content)).metadata, table, ids, key),
                blocks=blocks.digests(content) if len(content) > WHOLE_BYTES else None,
            )
        return self.uncommitted.follow(name, file)

    def write_segment(
        self,
        folder: str,
        table: pa.Table,
        columns: Sequence[StoredColumn],
        *,
        keys: RowKeys | None = None,
        inline: bool | None = None,
    ) -> tuple[NewFile, ...]:
        """The files of a new segment: `write`'s, and the filter over the keys of its rows, if it is not inlined and has any."""
        file = self.write(folder, table, columns, key=() if keys is None else keys.key, inline=inline)
        if keys is None or file.path is None:
            return (file,)
        return file, filter_file(self.objects, f'{file.path.removesuffix(".parquet")}.keys', keys)

    def _read_key(self, segment: Segment, key: Sequence[ColumnRecord], rows: Ranges | None) -> list[pa.ChunkedArray]:
        columns = [ReadColumn(column.id, column.name, storage_type(column.type)) for column in key]
        rows = None if segment.is_inlined else rows  # which are kept as they are, and small
        found: list[pa.ChunkedArray] = self.read(segment, columns, rows, keep_deleted=True).columns
        return found

    def may_hold(self, segment: Segment, conditions: Conditions) -> bool:
        """Whether the segment may have rows that meet `conditions`. Reads nothing."""
        return may_hold(segment, conditions)

    def pieces(
        self, segment: Segment, column_ids: Collection[int], conditions: Conditions, within: Ranges | None = None
    ) -> list[Ranges | None]:
        """The rows, of all or of those `within`, that may meet `conditions`, in pieces convenient for reading those columns.

        None stands for all rows.
        """
        if segment.is_inlined:
            return [None]
        places = locate(segment)
        rows = matching_ranges(segment, places, conditions, self._reader.footer)
        if within is not None:
            rows = within if rows is None else common(rows, within)
        files = [places[id_].file for id_ in column_ids if id_ in places]
        if not files:
            return [rows] if rows is None or rows else []
        # Files of one segment have row groups of different sizes; those of the largest cost most when they are cut.
        largest = max(files, key=lambda file: file.size)
        return [*cut(rows, self._reader.footer(largest).starts)]

    def repeats(self, segment: Segment, column_id: int) -> bool:
        """Whether the segment gives the text column as a dictionary at little cost. Reads nothing."""
        place = locate(segment).get(column_id)
        if place is None or place.file.path is None:
            return True
        known = None if place.file.stats is None else stats.parse(place.file.stats).get(column_id)
        return known is not None and known.repeats

    def read(
        self,
        segment: Segment,
        columns: Sequence[ReadColumn],
        rows: Ranges | None = None,
        *,
        keep_deleted: bool = False,
        cache: bool = True,
    ) -> pa.Table:
        """The rows of `segment` in their order, with `columns` as fields. A column that no file holds is all NULL.

        Args:
            rows: which rows; all if None.
            keep_deleted: whether deleted rows are among them.
            cache: whether the decoded columns are worth keeping for the next read.
        """
        # A negative id is one that no commit has given yet.
        if rows is not None or not cache or not segment.is_inlined or segment.id < 0:
            return self._read(segment, columns, rows, keep_deleted, cache)
        deletes_id = segment.deletes.id if segment.deletes and not keep_deleted else None
        key = (segment.id, segment.files[-1].id, deletes_id, tuple(columns))
        table = self._inlined.get(key)
        if table is None:
            table = self._read(segment, columns, None, keep_deleted, cache)
            self._inlined.put(key, table)
        return table

    def read_run(self, run: Sequence[Segment], columns: Sequence[ReadColumn]) -> pa.Table:
        """`read` of inlined segments that are a run of `joining`."""
        if len(run) == 1:
            return self.read(run[0], columns)
        if any(segment.id < 0 for segment in run):
            return self._read(as_one(run), columns, None, keep_deleted=False, cache=False)
        key = (tuple(file.id for segment in run for file in segment.files), tuple(columns))
        table = self._inlined.get(key)
        if table is None:
            table = self._read(as_one(run), columns, None, keep_deleted=False, cache=False)
            self._inlined.put(key, table)
        return table

    def _read(
        self, segment: Segment, columns: Sequence[ReadColumn], rows: Ranges | None, keep_deleted: bool, cache: bool
    ) -> pa.Table:
        if not columns:
            # A table without columns cannot say how many rows it has, unless it once had one.
            return self._read(segment, [_POSITION_COLUMN], rows, keep_deleted, cache).select([])
        places = locate(segment)
        loaded = self._load(segment, places, columns, rows, cache)
        arrays = [column_of(segment, places, loaded, column, rows) for column in columns]
        table = pa.Table.from_arrays(arrays, schema=schema_of(tuple(columns)))
        if keep_deleted or segment.deletes is None:
            return table
        live = deletes.decode(segment.deletes.data, segment.rows)
        return table.filter(buffers.booleans(picked(live, rows)))

    def types(self, segment: Segment) -> dict[int, pa.DataType]:
        """The Arrow type of each column that `segment` stores, by column id."""
        places = locate(segment)
        schemas = {file.id: self._schema(file) for file in segment.files if not file.is_key_filter}
        return {column_id: schemas[place.file.id].field(place.name).type for column_id, place in places.items()}

    def _schema(self, file: FileRecord) -> pa.Schema:
        if file.data is None:
            return self._reader.footer(file).schema
        verify(file, file.data)
        return pa.ipc.read_schema(pa.py_buffer(file.data))

    def _load(
        self,
        segment: Segment,
        places: dict[int, Place],
        columns: Sequence[ReadColumn],
        rows: Ranges | None,
        cache: bool,
    ) -> dict[int, dict[str, pa.ChunkedArray]]:
        """By file id, the columns that are to be read from that file."""
        wanted: dict[int, list[str]] = {}
        encoded: dict[int, list[str]] = {}
        files: dict[int, FileRecord] = {}
        for column in columns:
            place = places.get(column.column_id)
            if place is not None:
                files[place.file.id] = place.file
                wanted.setdefault(place.file.id, []).append(place.name)
                if is_type.is_dictionary(column.type):
                    encoded.setdefault(place.file.id, []).append(place.name)
        return {
            id_: self._reader.read(
                file,
                list(dict.fromkeys(wanted[id_])),
                segment.rows,
                rows,
                dictionaries=encoded.get(id_, ()),
                keep=cache,
            )  # of errors, some parts may be asked for apart from others
            for id_, file in files.items()
        }


def _is_small(table: pa.Table) -> bool:
    # The first is quick, and counts all of a buffer of which the table is a part.
    return bool(table.get_total_buffer_size() < INLINE_BYTES or table.nbytes < INLINE_BYTES)
