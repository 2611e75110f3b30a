"""The rows of one table at one commit, as batches of fields: what every pipeline starts from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pixeltable._support.arrays import distinct
from pixeltable.catalog.records import Contents, Schema, Segment
from pixeltable.catalog.views import BASE_ROW, LEVEL
from pixeltable.exec.inherited import is_inherited, read_through
from pixeltable.exec.reading import Reading
from pixeltable.exec.scan_columns import DETAILS, ERRORS, PENDING, scan_columns
from pixeltable.exprs.conditions import Condition
from pixeltable.plan.logical import POSITION, ScanColumn
from pixeltable.storage.cache import row_bytes
from pixeltable.storage.joining import runs
from pixeltable.storage.places import locate
from pixeltable.storage.pruning import Conditions
from pixeltable.storage.ranges import Ranges, around
from pixeltable.storage.read_columns import DICTIONARY, ReadColumn
from pixeltable.storage.segments import SegmentStore
from pixeltable.types import buffers
from pixeltable.types.arrow import storage_type

LONG_ROWS = 4096
"""Segments from this size are read ahead; a thread would take longer to start with a shorter one than reading it takes."""


@dataclass(frozen=True, eq=False)
class Source:
    """A table's schema and contents as one commit sees them, and the store that holds the segments.

    Positions number the physical rows of all segments in a row, deleted ones included. A view takes from `base` what it lacks.
    """

    schema: Schema
    contents: Contents
    store: SegmentStore
    base: Source | None = None

    @cached_property
    def columns(self) -> dict[str, ScanColumn]:
        """Every field that can be read: the row id, each stored column, and the errors of each stored computed column."""
        return scan_columns(self.schema)

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """The position of the first row of each segment, and the end."""
        return np.cumsum([0, *(segment.rows for segment in self.contents.segments)], dtype=np.int64)

    @cached_property
    def in_order(self) -> bool:
        """True if reading segment after segment gives the rows by ascending id."""
        segments = self.contents.segments
        return all(a.max_id < b.min_id for a, b in pairwise(segments))

    @property
    def has_short_ids(self) -> bool:
        """Whether all row ids are below 2**32."""
        return all(segment.max_id < 1 << 32 for segment in self.contents.segments)

    def read(
        self, fields: Sequence[str], conditions: Sequence[Condition] = (), *, encoded: bool = False
    ) -> Iterator[pa.Table]:
        """The live rows, in one table for each row group or run of inlined segments; one empty table if there are none.

        Args:
            conditions: rows that do not meet all of them may be left out.
            encoded: whether texts that repeat may come as dictionaries, which is quicker for who can work with them.
        """
        wanted = self._by_column(conditions)
        kept = self._kept(wanted)
        dictionaries = self._repeating(fields, [segment for _, segment, _ in kept]) if encoded else frozenset()
        schema = self.arrow_schema(fields, dictionaries)
        cache = self.store.cache.has_room(sum(segment.rows for _, segment, _ in kept) * row_bytes(schema))
        column_ids = {self.columns[name].column_id for name in fields if name != POSITION}
        column_ids |= {BASE_ROW} if self.base else set()

        def pieces() -> Iterator[tuple[bool, Callable[[], pa.Table]]]:
            read = partial(self.read_segment, fields=fields, cache=cache, dictionaries=dictionaries)
            for is_inlined, several in groupby(kept, lambda each: each[1].is_inlined):
                if is_inlined:  # these are many and tiny: any step done for each takes longer than reading it
                    placed = [(index, segment) for index, segment, _ in several]
                    yield False, partial(self._read_inlined, fields, placed, dictionaries)
                    continue
                for index, segment, within in several:
                    for rows in self.store.pieces(segment, column_ids, wanted, within):
                        yield segment.rows >= LONG_ROWS, partial(read, index, segment, rows=rows)

        nothing = True
        for table in self.store.ahead.in_order(pieces()):
            nothing = False
            yield table
        if nothing:
            yield buffers.no_rows(schema)

    def coverage(self, conditions: Sequence[Condition]) -> tuple[int, int]:
        """How many segments a scan would look into, and how many there are."""
        return len(self._kept(self._by_column(conditions))), len(self.contents.segments)

    def _kept(self, conditions: Conditions) -> list[tuple[int, Segment, Ranges | None]]:
        """The segments that may have rows which meet `conditions`, with their indexes, and which rows if not all."""
        numbered = enumerate(self.contents.segments)
        kept = [(index, segment) for index, segment in numbered if self.store.may_hold(segment, conditions)]
        return self.store.keys.narrowed(kept, self.schema.key, conditions)

    def _by_column(self, conditions: Sequence[Condition]) -> Conditions:
        """The conditions on values. Those on errors are left out, for which files have no statistics."""
        found: dict[int, list[Condition]] = {}
        for condition in conditions:
            column = self.columns[condition.field.name]
            if column.part == 'value' and column.column_id < LEVEL:
                found.setdefault(column.column_id, []).append(condition)
        return found

    def _repeating(self, fields: Sequence[str], segments: Sequence[Segment]) -> frozenset[str]:
        """The text fields that all of `segments` can give as a dictionary at little cost."""
        texts = [self.columns[name] for name in fields if self._type(name) == pa.string()]
        values = [each.field.name for each in texts if each.part == 'value' and each.column_id < LEVEL]
        if not values or all(segment.is_inlined for segment in segments):
            return frozenset()
        ids = {name: self.columns[name].column_id for name in values}
        return frozenset(name for name in values if all(self.store.repeats(each, ids[name]) for each in segments))

    def read_segment(
        self,
        index: int,
        segment: Segment,
        fields: Sequence[str],
        rows: Ranges | None = None,
        *,
        keep_deleted: bool = False,
        cache: bool = True,
        dictionaries: Collection[str] = (),
    ) -> pa.Table:
        """The rows of one segment, or some of them. The field POSITION can be asked for like the others."""
        load = partial(self.store.read, segment, rows=rows, keep_deleted=keep_deleted, cache=cache)
        return self._as_fields(fields, index, segment, load, dictionaries)

    def _read_inlined(
        self, fields: Sequence[str], inlined: Sequence[tuple[int, Segment]], dictionaries: Collection[str]
    ) -> pa.Table:
        """The rows of segments that are given with their indexes."""
        parts = []
        for run in runs(inlined):
            index, segment = run[0]
            load = partial(self.store.read_run, [segment for _, segment in run])
            parts.append(self._as_fields(fields, index, segment, load, dictionaries))
        return pa.concat_tables(parts)

    def _as_fields(
        self,
        fields: Sequence[str],
        index: int,
        segment: Segment,
        load: Callable[[Sequence[ReadColumn]], pa.Table],
        dictionaries: Collection[str] = (),
    ) -> pa.Table:
        """What `load` reads of a segment, or of those that begin with it, as fields."""
        if self.base is not None and any(is_inherited(self, name) for name in fields):
            own = partial(self._as_fields, index=index, segment=segment, load=load, dictionaries=dictionaries)
            return read_through(self, fields, own)
        reading = self._reading(tuple(fields), frozenset(dictionaries))
        table = load(reading.columns)
        if reading.is_plain:
            return table
        pending = self.pending(segment) if reading.has_errors else ()
        arrays = [self._pick(table, name, int(self.offsets[index]), pending) for name in fields]
        return pa.Table.from_arrays(arrays, schema=reading.schema)

    def _reading(self, fields: tuple[str, ...], dictionaries: frozenset[str]) -> Reading:
        """What has to be read for `fields`. Made once for each of a scan's many segments."""
        known = self._readings.get((fields, dictionaries))
        if known is not None:
            return known
        made = Reading.of(self.columns, fields, self.arrow_schema(fields, dictionaries), dictionaries)
        self._readings[fields, dictionaries] = made
        return made

    @cached_property
    def _readings(self) -> dict[tuple[tuple[str, ...], frozenset[str]], Reading]:
        return {}

    def _pick(self, table: pa.Table, name: str, offset: int, pending: Collection[int]) -> pa.Array | pa.ChunkedArray:
        if name == POSITION:
            inside = table.column(POSITION)
            return buffers.positions(buffers.numbers(inside) + offset) if offset else inside
        column = self.columns[name]
        if column.part == 'value':
            return table.column(name)
        if column.part in DETAILS:
            return pc.struct_field(table.column(f'd{column.column_id}'), column.part)
        if column.column_id in pending:
            return pa.repeat(PENDING[column.part], table.num_rows)
        return pc.struct_field(table.column(f'e{column.column_id}'), ERRORS.index(column.part))

    def pending(self, segment: Segment) -> frozenset[int]:
        """The computed columns of which the segment has no cells yet."""
        held = locate(segment)
        return frozenset(
            column.id
            for column in self.schema.columns
            if column.is_computed and column.stored and column.id not in held
        )

    def part(self, segments: Iterable[Segment]) -> Source:
        """Some of the segments alone, at the same commit."""
        contents = Contents(self.contents.table_id, self.contents.commit, tuple(segments))
        return Source(self.schema, contents, self.store, self.base)

    def arrow_schema(self, fields: Sequence[str], dictionaries: Collection[str] = ()) -> pa.Schema:
        return pa.schema([(name, DICTIONARY if name in dictionaries else self._type(name)) for name in fields])

    def _type(self, name: str) -> pa.DataType:
        return pa.int64() if name == POSITION else storage_type(self.columns[name].field.type)

    def fetch(self, fields: Sequence[str], positions: NDArray[np.int64]) -> pa.Table:
        """The given rows, in the given order."""
        parts = []
        owners = np.searchsorted(self.offsets, positions, side='right') - 1
        for index in distinct(owners):
            inside = positions[owners == index] - self.offsets[index]
            parts.append(self._fetch(int(index), self.contents.segments[index], fields, inside))
        if not parts:
            return buffers.no_rows(self.arrow_schema(fields))
        joined = pa.concat_tables(parts)
        # Rows were gathered segment by segment; this puts them back where they were asked for.
        gathered = np.argsort(owners, kind='stable')
        if np.array_equal(gathered, np.arange(len(gathered))):
            return joined
        places = np.empty_like(gathered)
        places[gathered] = np.arange(len(gathered))
        return joined.take(buffers.positions(places))

    def _fetch(self, index: int, segment: Segment, fields: Sequence[str], positions: NDArray[np.int64]) -> pa.Table:
        """Rows of one segment by their position in it."""
        rows, places = (None, positions) if segment.is_inlined else around(positions)
        return buffers.taken(self.read_segment(index, segment, fields, rows, keep_deleted=True), places)
