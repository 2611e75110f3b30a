"""Carries out one part of a job: compute, write a file for each segment concerned, and commit them together with what it counted.

The commit requires that the segments are as they were read, and that the job is not over: so nothing is stored twice, whoever
else was at work. If another writer was faster, it plans again and computes only what has changed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import pyarrow as pa

from pixeltable.catalog.changes import (
    AddFile,
    Change,
    Commit,
    Requirement,
    RequirementFailed,
    SchemaIs,
    SegmentIs,
)
from pixeltable.catalog.jobs import AdvanceJob, JobRecord, Tally
from pixeltable.exec.changes.patching import Patch
from pixeltable.exec.changes.recompute import left_behind
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.cutting import cut, rows_to_cut
from pixeltable.exec.jobs.pieces import Piece, pieces
from pixeltable.exec.jobs.results import Results
from pixeltable.exec.jobs.units import Unit
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import Computed, Splitter
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed


class Work:
    """One part of a job, under the lease `lease`. `computing` is how many seconds it took to compute, of all that it took."""

    def __init__(self, engine: Engine, job: JobRecord, unit: Unit, lease: str) -> None:
        self._engine = engine
        self._job = job
        self._unit = unit
        self._lease = lease
        self._results = Results()
        self._started = time.perf_counter()
        self.computing = 0.0

    def carry_out(self) -> None:
        """Returns when the part is done, by whoever it was, or the job is over. The lease is given back."""
        self._cut_if_slow()
        if not until_committed(self._attempt, f'job {self._job.id} on {self._job.spec.path!r}'):
            self._engine.catalog.jobs.give_back(self._lease)

    def _cut_if_slow(self) -> None:
        """Computes the first rows of a large segment, and cuts it if they say that all of it would take too long."""
        source = self._engine.source(self._job.table_id)
        found = [] if self._job.is_again else pieces(self._engine, source, self._job, self._unit)
        size = rows_to_cut(found)
        if not size:
            return
        (piece,) = found
        first = piece.read(source).slice(0, size)
        self._compute(source, first, piece)
        try:
            high = cut(self._engine, source, piece, self.computing / size)
        except RequirementFailed:  # another writer changed the segment: it is computed as a whole
            return
        if high is not None:
            self._unit = Unit(self._unit.low, high, size)

    def _attempt(self) -> bool:
        """Whether there was something to commit, which has given the lease back."""
        engine, unit, table_id = self._engine, self._unit, self._job.table_id
        job = engine.catalog.jobs.get(self._job.id)
        if job is None or not job.is_open:
            return False
        if job.is_again and not any(low <= unit.low and unit.high <= high for low, high in job.left):
            return False
        source = engine.source(table_id)
        found = pieces(engine, source, job, unit)
        if not found and not job.is_again:
            return False
        outcome = Outcome('compute')
        changes, requirements = self._carried_out(source, found, outcome)
        requirements.append(SchemaIs(table_id, source.schema.table.schema_version))
        versions = ((table_id, 'data', outcome.summary() | {'job': job.id}),) if changes else ()
        changes.append(AdvanceJob(job.id, self._tally(job, found, outcome), self._lease))
        engine.commit(Commit('compute', tuple(changes), tuple(requirements), versions))
        return True

    def _carried_out(
        self, source: Source, found: Sequence[Piece], outcome: Outcome
    ) -> tuple[list[Change], list[Requirement]]:
        """Computes all pieces, those with the same columns together, and writes their files."""
        groups: dict[tuple[int, ...], list[Piece]] = {}
        for piece in found:
            groups.setdefault(tuple(column.record.id for column in piece.columns), []).append(piece)
        patches: dict[int, Patch] = {}
        for group in groups.values():
            rows = pa.concat_tables([piece.read(source) for piece in group])
            table, errors = self._compute(source, rows, group[0])
            outcome.count(list(group[0].columns), rows.num_rows, errors)
            outcome.updated += rows.num_rows
            parts = Splitter(iter([(table, errors)]))
            for piece in group:
                part, failed = parts.take(len(piece.inside))
                moved = {
                    field: {int(piece.inside[row]): e for row, e in cells.items()} for field, cells in failed.items()
                }
                patch = patches.setdefault(piece.index, Patch(self._engine, source, piece.index))
                patch.put(piece.columns, part, piece.inside, moved)
        if self._job.is_again:
            for index, patch in patches.items():
                patch.outdate(left_behind(source, index, patch.column_ids))
        segments = source.contents.segments
        changes: list[Change] = [AddFile(segments[index].id, patch.file()) for index, patch in patches.items()]
        return changes, [SegmentIs.of(segments[index]) for index in patches]

    def _compute(self, source: Source, rows: pa.Table, piece: Piece) -> Computed:
        started = time.perf_counter()
        context, abort = self._engine.context, self._job.spec.abort
        found = self._results.compute(context, source.schema, rows, piece.columns, abort)
        self.computing += time.perf_counter() - started
        return found

    def _tally(self, job: JobRecord, found: Sequence[Piece], outcome: Outcome) -> Tally:
        if job.is_again:
            cells = self._unit.rows * len(job.spec.names)
        else:
            ids = set(job.spec.columns)
            cells = sum(len(p.inside) * sum(not ids or c.record.id in ids for c in p.columns) for p in found)
        return Tally(
            cells=cells,
            computed=outcome.computed,
            rows=outcome.updated if job.is_again else 0,
            failed=dict(outcome.failed),
            examples={name: [error.errortype, error.errormsg] for name, error in outcome.examples.items()},
            seconds=time.perf_counter() - self._started,
            done=((self._unit.low, self._unit.high),) if job.is_again else (),
        )
