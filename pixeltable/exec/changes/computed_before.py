"""What an attempt has computed that lost to another writer, so that no function is called again for a row with the same inputs.

A compaction or an update puts rows into other segments, and a column that is added meanwhile takes the id that the new one was
to have. The ids of rows stay. So the attempt is kept as a source, with its files as if they were committed, in which rows are
found by their ids and their inputs are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import ColumnRecord, Contents, FileRecord, Segment
from pixeltable.exec.compute import Errors
from pixeltable.exec.differences.cells import differing
from pixeltable.exec.differences.segments import live_mask, row_ids
from pixeltable.exec.scan_columns import ERRORS
from pixeltable.exec.source import Source
from pixeltable.exec.vectors import stored_errors
from pixeltable.exprs.bind import field_name, property_field
from pixeltable.types import buffers

ROWS_AT_ONCE = 131_072

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ComputedBefore:
    """An attempt to add `column`: what it read, and the file that it made for each segment."""

    source: Source
    """Held, as vacuums leave what a source reads."""
    column: ColumnRecord
    files: dict[int, NewFile]
    """By segment id. Held, as what is held is no orphan."""

    def extended(self) -> Source:
        """What was read, with the files of the attempt as if they were committed."""
        contents = self.source.contents
        segments = tuple(_with_file(segment, self.files[segment.id]) for segment in contents.segments)
        schema = replace(self.source.schema, columns=(*self.source.schema.columns, self.column))
        whole = Contents(contents.table_id, contents.commit, segments)
        return Source(schema, whole, self.source.store, self.source.base)


class Reused:
    """Finds the rows of `source` for which an attempt has computed already, and gives what it computed."""

    def __init__(self, before: ComputedBefore, source: Source, inputs: Sequence[str]) -> None:
        self._before = before.extended()
        self._column = before.column
        self._source = source
        self._inputs = list(inputs)

    def places(self, index: int) -> Places:
        """For each live row of a segment its place in the attempt, or -1 if it was not there, or had other inputs."""
        inside = np.flatnonzero(live_mask(self._source.contents.segments[index]))
        ids = row_ids(self._source, index)[inside]
        places = self._by_id(ids)
        known = np.flatnonzero(places >= 0)
        for start in range(0, len(known), ROWS_AT_ONCE):
            part = known[start : start + ROWS_AT_ONCE]
            now = self._source.fetch(self._inputs, inside[part] + self._source.offsets[index])
            then = self._before.fetch(self._inputs, places[part])
            for name in self._inputs:
                places[part[differing(then.column(name), now.column(name))]] = -1
        return places

    def merged(self, record: ColumnRecord, places: Places, new: pa.Table, errors: Errors) -> tuple[pa.Table, Errors]:
        """The column for all live rows of a segment: where `places` is -1 those of `new` in their order, else the old ones."""
        field, old_field = field_name(record.id), field_name(self._column.id)
        reused, computed = np.flatnonzero(places >= 0), np.flatnonzero(places < 0)
        fields = [old_field, *(property_field(self._column.id, part) for part in ERRORS)]
        old = self._before.fetch(fields, places[reused])
        order = np.empty(len(places), np.int64)
        order[np.concatenate([reused, computed])] = np.arange(len(places))
        cells = {int(reused[row]): error for row, error in stored_errors(old, old_field).items()}
        cells |= {int(computed[row]): error for row, error in errors.get(field, {}).items()}
        parts = [old.select([old_field]).rename_columns([field]), new.select([field])]
        whole = pa.concat_tables([part for part in parts if part.num_rows] or parts[:1], promote_options='permissive')
        return whole.take(buffers.positions(order)), {field: cells} if cells else {}

    def _by_id(self, ids: Places) -> Places:
        """The places of live rows by their ids; -1 where there is none."""
        places = np.full(len(ids), -1, np.int64)
        for index, segment in enumerate(self._before.contents.segments if len(ids) else ()):
            if segment.max_id < ids.min() or segment.min_id > ids.max():
                continue
            live = np.flatnonzero(live_mask(segment))
            held = row_ids(self._before, index)[live]
            _, here, there = np.intersect1d(ids, held, assume_unique=True, return_indices=True)
            places[here] = live[there] + self._before.offsets[index]
        return places


def _with_file(segment: Segment, file: NewFile) -> Segment:
    """A negative id is one that no commit has given: nothing of it is cached."""
    record = FileRecord(-1, -1, file.columns, file.size, file.checksum, file.path, file.data, file.stats, file.blocks)
    return replace(segment, id=-1 - segment.id, files=(*segment.files, record))
