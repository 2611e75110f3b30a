"""New cells in a segment that keeps its others: a file with all of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.fingerprints import outdated, together
from pixeltable.catalog.records import ColumnRecord
from pixeltable.exec.changes.matching import Positions
from pixeltable.exec.compute import Errors
from pixeltable.exec.engine import Engine
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.scan_columns import DETAILS, ERRORS
from pixeltable.exec.segments import write
from pixeltable.exec.source import Source
from pixeltable.exec.vectors import CellError, stored_errors
from pixeltable.exprs.bind import field_name, property_field
from pixeltable.storage.places import locate
from pixeltable.types import buffers


@dataclass(slots=True)
class _Cells:
    """The cells of one column: for all rows of the segment, with how many were put and what they are marked with."""

    values: pa.ChunkedArray
    errors: dict[int, CellError]
    made_by: str | None
    put: int = 0
    new: set[str] = field(default_factory=set)


class Patch:
    """The segment number `index` of a source, and what is put into it."""

    def __init__(self, engine: Engine, source: Source, index: int) -> None:
        self._engine = engine
        self._source = source
        self._index = index
        self._segment = source.contents.segments[index]
        self._columns: dict[int, tuple[ColumnRecord, _Cells]] = {}

    def put(self, columns: Sequence[ComputedColumn], new: pa.Table, inside: Positions, errors: Errors) -> None:
        """Replaces the cells at the positions `inside` by those of `new`; `errors` are by position. No cell twice."""
        if len(inside) >= self._segment.live_rows:
            self._begin(columns, new)
        self._load([column.record for column in columns])
        choice = np.arange(self._segment.rows)
        choice[inside] = self._segment.rows + np.arange(len(inside))
        replaced = set(inside.tolist())
        for column in columns:
            cells = self._columns[column.record.id][1]
            both = pa.chunked_array([*cells.values.chunks, *new.column(column.field).cast(cells.values.type).chunks])
            cells.values = both.take(buffers.positions(choice))
            cells.errors = {row: error for row, error in cells.errors.items() if row not in replaced}
            cells.errors |= errors.get(column.field, {})
            cells.put += len(inside)
            cells.new.add(column.fingerprint)

    def outdate(self, columns: Collection[ColumnRecord]) -> None:
        """Marks cells as made from inputs that have changed since."""
        self._load(columns)
        for column in columns:
            cells = self._columns[column.id][1]
            cells.made_by = outdated(cells.made_by)

    @property
    def column_ids(self) -> set[int]:
        """The columns of which something was put or marked."""
        return set(self._columns)

    def file(self) -> NewFile:
        """Stores all columns of which something was put or marked."""
        records, errors, values = [], {}, {}
        for record, cells in self._columns.values():
            records.append(replace(record, fingerprint=self._made_by(cells)))
            values[field_name(record.id)] = cells.values
            errors[field_name(record.id)] = cells.errors
        store = self._engine.context.store
        return write(store, self._source.schema.table, pa.table(values), records, errors)

    def _made_by(self, cells: _Cells) -> str | None:
        """By the code of now alone only if that made all cells."""
        return together(cells.new if cells.put >= self._segment.live_rows else {cells.made_by, *cells.new})

    def _begin(self, columns: Sequence[ComputedColumn], new: pa.Table) -> None:
        """Starts from nothing for columns that get all cells: what was stored need not be read."""
        for column in columns:
            if column.record.id not in self._columns:
                nothing = pa.chunked_array([pa.nulls(self._segment.rows, new.column(column.field).type)])
                self._columns[column.record.id] = column.record, _Cells(nothing, {}, None)

    def _load(self, columns: Collection[ColumnRecord]) -> None:
        missing = [column for column in columns if column.id not in self._columns]
        if not missing:
            return
        parts = [property_field(column.id, part) for column in missing for part in (*ERRORS, *DETAILS)]
        names = [field_name(column.id) for column in missing]
        old = self._source.read_segment(self._index, self._segment, names + parts, keep_deleted=True)
        places = locate(self._segment)
        for column, name in zip(missing, names, strict=True):
            place = places.get(column.id)
            made_by = None if place is None else place.fingerprint
            self._columns[column.id] = column, _Cells(old.column(name), stored_errors(old, name), made_by)
