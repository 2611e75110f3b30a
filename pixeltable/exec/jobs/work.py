"""Carries out one part of a job: computes, writes files, and commits them together with what it has counted.

The commit requires that the segments are as they were read, and that the job is not over: so nothing is stored twice, whoever
else was at work. If another writer was faster, it plans again.
"""

from __future__ import annotations

import time

from pixeltable.catalog.changes import Commit, Requirement, SchemaIs, SegmentIs
from pixeltable.catalog.jobs import AdvanceJob, JobRecord, Tally
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.again import Again
from pixeltable.exec.jobs.missing import Missing
from pixeltable.exec.jobs.units import Unit
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.following import commit_with_views


class Work:
    """One part of a job, under the lease `lease`."""

    def __init__(self, engine: Engine, job: JobRecord, unit: Unit, lease: str) -> None:
        self._engine = engine
        self._job = job
        self._unit = unit
        self._lease = lease
        self._missing = Missing(engine, job)
        self._started = time.perf_counter()

    def carry_out(self) -> None:
        """Returns when the part is done, by whoever it was, or the job is over. The lease is given back."""
        part = Again(self._engine, self._job) if self._job.is_again else self._missing
        self._unit = part.cut(self._engine.source(self._job.table_id), self._unit)
        if not until_committed(self._attempt, f'job {self._job.id} on {self._job.spec.path!r}'):
            self._engine.catalog.jobs.give_back(self._lease)

    def _attempt(self) -> bool:
        """Whether there was something to commit, which has given the lease back."""
        engine, table_id = self._engine, self._job.table_id
        job = engine.catalog.jobs.get(self._job.id)
        if job is None or not job.is_open:
            return False
        source = engine.source(table_id)
        again = Again(engine, job)
        outcome = Outcome('compute')
        part = again if job.is_again else self._missing
        changes, segments, cells = part.carry_out(source, self._unit, outcome)
        if not changes and not again.done:
            return False
        requirements: list[Requirement] = [SegmentIs.of(segment) for segment in segments]
        requirements.append(SchemaIs(table_id, source.schema.table.schema_version))
        versions = ((table_id, 'data', outcome.summary() | {'job': job.id}),) if changes else ()
        tally = Tally(
            cells=cells,
            computed=outcome.computed,
            rows=outcome.updated if job.is_again else 0,
            failed=dict(outcome.failed),
            examples={name: [error.errortype, error.errormsg] for name, error in outcome.examples.items()},
            seconds=time.perf_counter() - self._started,
            done=again.done,
        )
        advance = AdvanceJob(job.id, tally, self._lease)
        commit = Commit('compute', (*changes, advance), tuple(requirements), versions)
        commit_with_views(engine, commit, table_id, outcome, job.spec.abort, since=source.contents.commit)
        return True
