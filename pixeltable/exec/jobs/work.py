"""Carries out one part of a job: compute, write a file for each segment concerned, and commit them together with what it counted.

The commit requires that the segments are as they were read, and that the job is not over: so nothing is stored twice, whoever
else was at work. If another writer was faster, it plans again and computes only what has changed.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import AddFile, Change, Commit, NewFile, Requirement, SchemaIs, SegmentIs
from pixeltable.catalog.jobs import AdvanceJob, JobRecord, Tally
from pixeltable.catalog.records import ColumnRecord
from pixeltable.exec.changes.backfill import input_fields
from pixeltable.exec.changes.matching import Positions, by_segment, matching
from pixeltable.exec.changes.pending import apart, missing_inputs, with_missing
from pixeltable.exec.changes.recompute import has_failed, merged
from pixeltable.exec.compute import Errors
from pixeltable.exec.differences.segments import live_mask
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.results import Results
from pixeltable.exec.jobs.units import Unit, lacking
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import Splitter
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.segments import with_deleted_rows, write
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.exprs.build import operation
from pixeltable.exprs.nodes import Field
from pixeltable.plan.dependencies import affected, in_order
from pixeltable.types.column_type import INT


@dataclass(frozen=True, slots=True)
class _Piece:
    """Rows of one segment, by their positions in it, and what is to be computed for them."""

    index: int
    inside: Positions
    columns: tuple[ComputedColumn, ...]


class Work:
    """One part of a job, under the lease `lease`."""

    def __init__(self, engine: Engine, job: JobRecord, unit: Unit, lease: str) -> None:
        self._engine = engine
        self._job = job
        self._unit = unit
        self._lease = lease
        self._results = Results()
        self._started = time.perf_counter()

    def carry_out(self) -> None:
        """Returns when the part is done, by whoever it was, or the job is over. The lease is given back."""
        if not until_committed(self._attempt, f'job {self._job.id} on {self._job.spec.path!r}'):
            self._engine.catalog.jobs.give_back(self._lease)

    def _attempt(self) -> bool:
        """Whether there was something to commit, which has given the lease back."""
        engine, table_id = self._engine, self._job.table_id
        job = engine.catalog.jobs.get(self._job.id)
        if job is None or not job.is_open:
            return False
        source = engine.source(table_id)
        if job.is_again:
            if not any(low <= self._unit.low and self._unit.high <= high for low, high in job.left):
                return False
            pieces = self._to_compute_again(source, job)
        else:
            pieces = self._missing(source, job)
            if not pieces:
                return False
        outcome = Outcome('compute')
        changes, requirements = self._carried_out(source, job, pieces, outcome)
        requirements.append(SchemaIs(table_id, source.schema.table.schema_version))
        versions = ((table_id, 'data', outcome.summary() | {'job': job.id}),) if changes else ()
        changes.append(AdvanceJob(job.id, self._tally(job, pieces, outcome), self._lease))
        engine.commit(Commit('compute', tuple(changes), tuple(requirements), versions))
        return True

    def _missing(self, source: Source, job: JobRecord) -> list[_Piece]:
        """All live rows of the segments that lack columns of the job."""
        found = []
        for index, segment in enumerate(source.contents.segments):
            if segment.min_id < self._unit.low or segment.max_id > self._unit.high or not segment.live_rows:
                continue
            wanted = [column for column in in_order(source.schema) if column.id in lacking(source, segment, job)]
            if wanted:
                columns = self._resolved(source, wanted, missing_inputs(source, segment, wanted))
                found.append(_Piece(index, np.flatnonzero(live_mask(segment)), columns))
        return found

    def _to_compute_again(self, source: Source, job: JobRecord) -> list[_Piece]:
        """The rows that meet the conditions of the job; of a segment that lacks something to compute them from, all rows."""
        ids = set(job.spec.columns)
        ids |= {column.id for column in affected(source.schema, ids)} if job.spec.cascade else set()
        wanted = [column for column in in_order(source.schema) if column.id in ids]
        if not wanted:
            return []
        resolver = self._engine.resolver
        nodes = [resolver.bind(source.schema, resolver.decode(source.schema, each)) for each in job.spec.where]
        row_id = Field(INT, ROW_ID_FIELD)
        nodes += [operation('ge', row_id, self._unit.low), operation('le', row_id, self._unit.high)]
        if job.spec.errors_only:
            nodes += has_failed(wanted[0])  # which all others depend on
        positions, whole = apart(source, matching(self._engine, source, nodes), wanted)
        found = [
            _Piece(i, inside, self._resolved(source, wanted, ())) for i, _, inside in by_segment(source, positions)
        ]
        for segment in whole:
            columns = self._resolved(source, wanted, missing_inputs(source, segment, wanted))
            index = source.contents.segments.index(segment)
            found.append(_Piece(index, np.flatnonzero(live_mask(segment)), columns))
        return found

    def _resolved(
        self, source: Source, wanted: Sequence[ColumnRecord], missing: Collection[int]
    ) -> tuple[ComputedColumn, ...]:
        columns = [self._engine.resolver.computed(source.schema, column) for column in wanted]
        return tuple(with_missing(self._engine, source, columns, missing))

    def _carried_out(
        self, source: Source, job: JobRecord, pieces: Sequence[_Piece], outcome: Outcome
    ) -> tuple[list[Change], list[Requirement]]:
        """Computes all pieces, those with the same columns together, and writes their files."""
        groups: dict[tuple[int, ...], list[_Piece]] = {}
        for piece in pieces:
            groups.setdefault(tuple(column.record.id for column in piece.columns), []).append(piece)
        changes: list[Change] = []
        for group in groups.values():
            columns = group[0].columns
            fields = [ROW_ID_FIELD, *(name for name in input_fields(source, columns) if name != ROW_ID_FIELD)]
            rows = pa.concat_tables([_read(source, piece, fields) for piece in group])
            table, errors = self._results.compute(self._engine.context, source.schema, rows, columns, job.spec.abort)
            outcome.count(list(columns), rows.num_rows, errors)
            outcome.updated += rows.num_rows
            parts = Splitter(iter([(table, errors)]))
            for piece in group:
                file = self._file(source, piece, *parts.take(len(piece.inside)))
                changes.append(AddFile(source.contents.segments[piece.index].id, file))
        return changes, [SegmentIs.of(source.contents.segments[piece.index]) for piece in pieces]

    def _file(self, source: Source, piece: _Piece, part: pa.Table, errors: Errors) -> NewFile:
        segment = source.contents.segments[piece.index]
        if len(piece.inside) < segment.live_rows:
            moved = {field: {int(piece.inside[row]): e for row, e in cells.items()} for field, cells in errors.items()}
            return merged(self._engine, source, piece.index, list(piece.columns), part, piece.inside, moved)
        whole, errors = with_deleted_rows(source, piece.index, segment, part, errors)
        records = [column.current_record for column in piece.columns]
        return write(self._engine.context.store, source.schema.table, whole, records, errors)

    def _tally(self, job: JobRecord, pieces: Sequence[_Piece], outcome: Outcome) -> Tally:
        if job.is_again:
            cells = self._unit.rows * len(job.spec.names)
        else:
            ids = set(job.spec.columns)
            cells = sum(len(p.inside) * sum(not ids or c.record.id in ids for c in p.columns) for p in pieces)
        return Tally(
            cells=cells,
            computed=outcome.computed,
            rows=outcome.updated if job.is_again else 0,
            failed=dict(outcome.failed),
            examples={name: (error.errortype, error.errormsg) for name, error in outcome.examples.items()},
            seconds=time.perf_counter() - self._started,
            done=((self._unit.low, self._unit.high),) if job.is_again else (),
        )


def _read(source: Source, piece: _Piece, fields: Sequence[str]) -> pa.Table:
    segment = source.contents.segments[piece.index]
    if len(piece.inside) == segment.live_rows:
        return source.read_segment(piece.index, segment, fields)
    return source.fetch(fields, piece.inside + source.offsets[piece.index])
