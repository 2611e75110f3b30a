"""The part of a job that computes cells which are not there yet: a file for each segment, with all that it lacks of the job.

Another writer may make it plan again; the rows that are still as they were need no other call.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from pixeltable.catalog.changes import AddFile, Change, NewFile, RequirementFailed
from pixeltable.catalog.jobs import JobRecord
from pixeltable.catalog.records import Segment
from pixeltable.exec.changes.backfill import input_fields
from pixeltable.exec.changes.pending import missing_inputs, with_missing
from pixeltable.exec.compute import Errors
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.cutting import cut, rows_to_try
from pixeltable.exec.jobs.results import Results
from pixeltable.exec.jobs.units import Unit, lacking
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import Computed, Splitter
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.segments import with_deleted_rows, write
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.plan.dependencies import in_order


@dataclass(frozen=True, slots=True)
class _Piece:
    """A segment, and what is to be computed for its live rows."""

    index: int
    segment: Segment
    columns: tuple[ComputedColumn, ...]

    def read(self, source: Source) -> pa.Table:
        """The rows with their ids and all that is read to compute them."""
        inputs = input_fields(source, self.columns)
        fields = [ROW_ID_FIELD, *(name for name in inputs if name != ROW_ID_FIELD)]
        return source.read_segment(self.index, self.segment, fields)


class Missing:
    """One part of a job."""

    def __init__(self, engine: Engine, job: JobRecord) -> None:
        self._engine = engine
        self._job = job
        self._results = Results()

    def cut(self, source: Source, unit: Unit) -> Unit:
        """Computes some rows of a large segment, and cuts it if they say that all of it takes long; what is to be done first."""
        found = list(self._pieces(source, unit))
        size = rows_to_try([piece.segment for piece in found])
        if not size:
            return unit
        (piece,) = found
        rows = piece.read(source).slice(0, size)
        started = time.perf_counter()
        self._compute(source, rows, piece)
        try:
            return cut(self._engine, source, piece.segment, (time.perf_counter() - started) / size) or unit
        except RequirementFailed:  # another writer changed the segment: it is computed as a whole
            return unit

    def carry_out(self, source: Source, unit: Unit, outcome: Outcome) -> tuple[list[Change], list[Segment], int]:
        """New files, the segments that they are for, and how many cells of the job they have."""
        groups: dict[tuple[int, ...], list[_Piece]] = {}
        for piece in self._pieces(source, unit):
            groups.setdefault(tuple(column.record.id for column in piece.columns), []).append(piece)
        files: list[Change] = []
        cells = 0
        for column_ids, group in groups.items():
            rows = pa.concat_tables([piece.read(source) for piece in group])
            table, errors = self._compute(source, rows, group[0])
            outcome.count(list(group[0].columns), rows.num_rows, errors)
            outcome.updated += rows.num_rows
            parts = Splitter(iter([(table, errors)]))
            files += [
                AddFile(piece.segment.id, self._file(source, piece, *parts.take(piece.segment.live_rows)))
                for piece in group
            ]
            wanted = self._job.spec.columns or column_ids
            cells += rows.num_rows * len(set(column_ids) & set(wanted))
        return files, [piece.segment for group in groups.values() for piece in group], cells

    def _pieces(self, source: Source, unit: Unit) -> Iterator[_Piece]:
        for index, segment in enumerate(source.contents.segments):
            ids = lacking(source, segment, self._job) if segment.id in unit.segments and segment.live_rows else ()
            wanted = [column for column in in_order(source.schema) if column.id in ids]
            if wanted:
                columns = [self._engine.resolver.computed(source.schema, column) for column in wanted]
                missing = missing_inputs(source, segment, wanted)
                yield _Piece(index, segment, tuple(with_missing(self._engine, source, columns, missing)))

    def _compute(self, source: Source, rows: pa.Table, piece: _Piece) -> Computed:
        context, abort = self._engine.context, self._job.spec.abort
        return self._results.compute(context, source.schema, rows, piece.columns, abort)

    def _file(self, source: Source, piece: _Piece, part: pa.Table, errors: Errors) -> NewFile:
        whole, errors = with_deleted_rows(source, piece.index, piece.segment, part, errors)
        records = [column.current_record for column in piece.columns]
        return write(self._engine.context.store, source.schema.table, whole, records, errors)
