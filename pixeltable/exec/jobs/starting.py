"""Begins jobs that change nothing by themselves: recomputations, whose cells keep their values until new ones are there."""

from __future__ import annotations

from pixeltable.catalog.changes import Commit, SchemaIs
from pixeltable.catalog.jobs import JobSpec, StartJob
from pixeltable.catalog.records import Schema
from pixeltable.exec.changes.choosing import Request
from pixeltable.exec.engine import Engine
from pixeltable.exec.transaction import until_committed
from pixeltable.plan.dependencies import affected, in_order


def start_recomputation(engine: Engine, schema: Schema, request: Request, abort: bool | None) -> int:
    """Begins a job that computes again what `request` means, as `recompute` does, in the rows of now; returns its id."""
    table = schema.table
    where = [engine.resolver.encode(engine.resolver.for_others(node)) for node in request.predicates]
    for condition in where:
        engine.resolver.store_functions(condition)

    def attempt() -> int:
        source = engine.source(table.id)
        for node in request.predicates:
            engine.resolver.bind(source.schema, node)
        ids = {column.id for column in request.columns or source.schema.computed}
        ids |= {column.id for column in affected(source.schema, ids)} if request.cascade else set()
        names = [column.name for column in in_order(source.schema) if column.id in ids and column.stored]
        spec = JobSpec(
            'recompute',
            source.schema.table.path,
            tuple(column.id for column in request.columns),
            tuple(names),
            source.contents.row_count * len(names),
            abort=abort,
            cascade=request.cascade,
            only=request.only,
            where=tuple(condition.document for condition in where),
        )
        unchanged = SchemaIs(table.id, source.schema.table.schema_version)
        job = engine.commit(Commit('start job', (StartJob(table.id, spec),), (unchanged,))).job
        assert job is not None
        return job

    return until_committed(attempt, f'recomputation of {table.path!r}')


def start_nothing(engine: Engine, table_id: str, path: str, kind: str) -> int:
    """Begins a job that has nothing to do, and is done; returns its id."""
    job = engine.commit(Commit('start job', (StartJob(table_id, JobSpec(kind, path)),))).job
    assert job is not None
    return job
