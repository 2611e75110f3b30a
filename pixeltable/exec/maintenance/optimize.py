"""Rewrites segments so that they are read faster: flush and compaction. Contents stay what they are, and no version is made.

A commit swaps segments that are as they were when they were read; if another writer changed one of them meanwhile, that group is
planned anew. Inserts add segments and touch none, so that they never conflict. Readers go on with the segments that they know.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from pixeltable.catalog.changes import AddSegment, Commit, RequirementFailed, SchemaIs
from pixeltable.catalog.records import Contents, Schema, Segment
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.units import units
from pixeltable.exec.maintenance.statuses import OptimizeStatus
from pixeltable.exec.source import Source
from pixeltable.storage.compaction import THOROUGH, Job, Policy, plan_compaction
from pixeltable.storage.flush import plan_flush
from pixeltable.storage.merging import merge

ROUNDS = 5
"""So often segments are chosen anew, because other writers changed what was chosen before."""


def flush(engine: Engine, table_id: str, most: int | None = None) -> bool:
    """Moves the inlined segments into Parquet if they are more than `most`, or large (see `plan_flush`); whether it did."""
    source = _settled(engine, engine.source(table_id))
    segments = plan_flush(source.contents, most)
    return bool(segments) and _swap(engine, source, segments, 'flush')


def optimize(engine: Engine, table_id: str, policy: Policy = THOROUGH) -> OptimizeStatus:
    """Merges what `plan_compaction` chooses, one commit a group, until nothing is left to choose."""
    started = time.perf_counter()
    first = last = engine.source(table_id)
    rewritten = 0
    for _ in range(ROUNDS):
        jobs = planned(engine, last, policy)
        for job in jobs:
            if _swap(engine, last, job, 'optimize'):
                rewritten += sum(segment.live_rows for segment in job)
        if not jobs:
            break
        last = engine.source(table_id)
    return OptimizeStatus(
        segments_before=len(first.contents.segments),
        segments_after=len(last.contents.segments),
        bytes_before=_bytes(first.contents),
        bytes_after=_bytes(last.contents),
        rows=last.contents.row_count,
        rows_rewritten=rewritten,
        seconds=time.perf_counter() - started,
    )


def planned(engine: Engine, source: Source, policy: Policy) -> tuple[Job, ...]:
    """The groups of segments that `optimize` would merge first."""
    contents = _settled(engine, source).contents
    return plan_compaction(contents, _stored(source.schema), policy, _derived(source.schema))


def _swap(engine: Engine, source: Source, segments: Sequence[Segment], operation: str) -> bool:
    """Puts one merged segment in the place of several; False if another writer changed one of them first."""
    schema = source.schema
    changes, requirements = merge(
        engine.context.store,
        schema.table.folder,
        segments,
        columns=_stored(schema),
        derived=_derived(schema),
        key=schema.key,
    )
    schema_is = SchemaIs(schema.table.id, schema.table.schema_version)  # a dropped column may come back meanwhile
    try:
        engine.catalog.commit(Commit(operation, changes, (schema_is, *requirements)))
    except RequirementFailed:
        paths = (file.path for change in changes if isinstance(change, AddSegment) for file in change.files)
        engine.context.store.objects.delete(*filter(None, paths))
        return False
    return True


def _settled(engine: Engine, source: Source) -> Source:
    """Without the segments that jobs in the background are about to do: one large segment would take them longer."""
    jobs = engine.catalog.jobs.open(source.schema.table.id)
    if not jobs:
        return source
    waiting = frozenset[int]().union(*(unit.segments for job in jobs for unit in units(source, job)))
    return source.part(segment for segment in source.contents.segments if segment.id not in waiting)


def _stored(schema: Schema) -> set[int]:
    return {column.id for column in schema.columns if column.stored}


def _derived(schema: Schema) -> set[int]:
    return {column.id for column in schema.computed if column.stored}


def _bytes(contents: Contents) -> int:
    return sum(file.size for segment in contents.segments for file in segment.files)
