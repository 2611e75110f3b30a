"""The rows of one table at one commit, as batches of fields: what every pipeline starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pixeltable.catalog.records import ROW_ID, Contents, Schema, Segment
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name, property_field
from pixeltable.exprs.nodes import Field
from pixeltable.plan.logical import POSITION, ScanColumn
from pixeltable.storage.segments import ERROR_TYPE, ReadColumn, SegmentStore
from pixeltable.storage.segments import POSITION as POSITION_COLUMN
from pixeltable.types.arrow import storage_type
from pixeltable.types.column_type import INT, STRING

ERRORS = ('errortype', 'errormsg')


@dataclass(frozen=True)
class Source:
    """A table's schema and contents as one commit sees them, and the store that holds the segments.

    Positions number the physical rows of all segments in a row, deleted ones included.
    """

    schema: Schema
    contents: Contents
    store: SegmentStore

    @cached_property
    def columns(self) -> dict[str, ScanColumn]:
        """Every field that can be read: the row id, each stored column, and the errors of each stored computed column."""
        found = [ScanColumn(Field(INT, ROW_ID_FIELD), ROW_ID)]
        for column in self.schema.columns:
            if not column.stored:
                continue
            type_ = column.type.with_nullable(True) if column.is_computed else column.type
            found.append(ScanColumn(Field(type_, field_name(column.id)), column.id))
            if column.is_computed:
                found.append(ScanColumn(_error_field(column.id, 'errortype'), column.id, 'errortype'))
                found.append(ScanColumn(_error_field(column.id, 'errormsg'), column.id, 'errormsg'))
        return {column.field.name: column for column in found}

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """The position of the first row of each segment, and the end."""
        return np.cumsum([0, *(segment.rows for segment in self.contents.segments)], dtype=np.int64)

    @cached_property
    def in_order(self) -> bool:
        """True if reading segment after segment gives the rows by ascending id."""
        segments = self.contents.segments
        return all(a.max_id < b.min_id for a, b in pairwise(segments))

    def read(self, fields: Sequence[str]) -> Iterator[pa.Table]:
        """The live rows, one table a segment; one empty table if there are none."""
        for index, segment in enumerate(self.contents.segments):
            yield self.read_segment(index, segment, fields)
        if not self.contents.segments:
            yield self.arrow_schema(fields).empty_table()

    def read_segment(
        self, index: int, segment: Segment, fields: Sequence[str], *, keep_deleted: bool = False, cache: bool = True
    ) -> pa.Table:
        """The rows of one segment. The field POSITION can be asked for like the others."""
        wanted: dict[str, ReadColumn] = {}
        for name in fields:
            if name == POSITION:
                wanted[POSITION] = ReadColumn(POSITION_COLUMN, POSITION, pa.int64())
                continue
            column = self.columns[name]
            if column.part == 'value':
                wanted[name] = ReadColumn(column.column_id, name, storage_type(column.field.type))
            else:
                wanted[f'e{column.column_id}'] = ReadColumn(-column.column_id, f'e{column.column_id}', ERROR_TYPE)
        table = self.store.read(segment, list(wanted.values()), keep_deleted=keep_deleted, cache=cache)
        arrays = [self._pick(table, name, int(self.offsets[index])) for name in fields]
        if not fields:
            return table
        return pa.Table.from_arrays(arrays, schema=self.arrow_schema(fields))

    def _pick(self, table: pa.Table, name: str, offset: int) -> pa.ChunkedArray:
        if name == POSITION:
            positions = table.column(POSITION)
            return pc.add(positions, pa.scalar(offset, pa.int64())) if offset else positions
        column = self.columns[name]
        if column.part == 'value':
            return table.column(name)
        return pc.struct_field(table.column(f'e{column.column_id}'), ERRORS.index(column.part))

    def arrow_schema(self, fields: Sequence[str]) -> pa.Schema:
        return pa.schema(
            [(name, pa.int64() if name == POSITION else storage_type(self.columns[name].field.type)) for name in fields]
        )

    def fetch(self, fields: Sequence[str], positions: NDArray[np.int64]) -> pa.Table:
        """The given rows, in the given order."""
        parts = []
        owners = np.searchsorted(self.offsets, positions, side='right') - 1
        for index in np.unique(owners):
            inside = positions[owners == index] - self.offsets[index]
            table = self.read_segment(int(index), self.contents.segments[index], fields, keep_deleted=True)
            parts.append(table.take(pa.array(inside)))
        if not parts:
            return self.arrow_schema(fields).empty_table()
        joined = pa.concat_tables(parts)
        # Rows were gathered segment by segment; this puts them back where they were asked for.
        gathered = np.argsort(owners, kind='stable')
        if np.array_equal(gathered, np.arange(len(gathered))):
            return joined
        places = np.empty_like(gathered)
        places[gathered] = np.arange(len(gathered))
        return joined.take(pa.array(places))


def _error_field(column_id: int, name: str) -> Field:
    return Field(STRING.with_nullable(True), property_field(column_id, name))
