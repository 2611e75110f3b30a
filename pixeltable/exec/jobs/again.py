"""The part of a job that computes cells again: what `recompute` does, in some segments."""

from __future__ import annotations

from pixeltable.catalog.changes import Change, RequirementFailed
from pixeltable.catalog.jobs import JobRecord, Ranges
from pixeltable.catalog.records import Segment
from pixeltable.exec.changes.choosing import Request, choose
from pixeltable.exec.changes.recompute import recomputed
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.cutting import cut_large
from pixeltable.exec.jobs.units import Unit, is_left, live_ids
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import has_calls
from pixeltable.exec.source import Source


class Again:
    """One part of a job. `done` are the rows that it has gone through."""

    def __init__(self, engine: Engine, job: JobRecord) -> None:
        self._engine = engine
        self._job = job
        self.done: Ranges = ()

    def cut(self, source: Source, unit: Unit) -> Unit:
        """Cuts a large segment whose cells are not those of plain expressions; what is to be done first."""
        part = self._part(source, unit)
        request = self._request(source)
        if len(part.contents.segments) != 1 or not has_calls(
            [self._engine.resolver.computed(source.schema, column) for column in request.columns]
        ):
            return unit
        try:
            return cut_large(self._engine, source, part.contents.segments[0]) or unit
        except RequirementFailed:  # another writer changed the segment: it is done as a whole
            return unit

    def carry_out(self, source: Source, unit: Unit, outcome: Outcome) -> tuple[list[Change], list[Segment], int]:
        """New files, the segments that they are for, and how many cells were gone through."""
        part = self._part(source, unit)
        segments = part.contents.segments
        self.done = tuple(run for index in range(len(segments)) for run in live_ids(part, index))
        chosen = choose(self._engine, part, self._request(source))
        changes = recomputed(self._engine, chosen, self._job.spec.abort, outcome)
        cells = sum(segment.live_rows for segment in segments) * len(self._job.spec.names)
        return changes, [segments[index] for index in chosen.segments], cells

    def _part(self, source: Source, unit: Unit) -> Source:
        """The segments of the unit that have rows which the job has not gone through."""
        return source.part(
            segment
            for index, segment in enumerate(source.contents.segments)
            if segment.id in unit.segments and is_left(source, index, self._job)
        )

    def _request(self, source: Source) -> Request:
        spec, schema = self._job.spec, source.schema
        columns = tuple(column for column in schema.columns if column.id in spec.columns)
        where = tuple(self._engine.resolver.decode(schema, document) for document in spec.where)
        return Request(columns, where, spec.only, spec.cascade)
