"""Cuts a large segment that would take long, so that its rows appear part by part, and a worker that dies loses only one.

The cells of a segment come as a whole. New rows are stored in small segments for that; those that were there before a job began
may lie in large ones. Cutting writes a segment anew, and changes nothing that users see; compaction puts the parts together when
the job is done.
"""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.catalog.changes import AddSegment, Commit, SchemaIs
from pixeltable.catalog.records import Segment
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.units import Unit
from pixeltable.exec.source import Source
from pixeltable.storage.merging import merge

FIRST_ROWS = 1000
"""So many rows tell how long the others take."""

LONG_S = 30.0
"""A segment that takes longer is cut."""

PART_S = 10.0
"""Into parts that take so long each, but no smaller ones than were tried first, and not too many."""

MOST_PARTS = 500

LARGE_ROWS = 10_000
"""Where no rows are tried first, parts have as many."""


def rows_to_try(segments: Sequence[Segment]) -> int:
    """How many rows to compute first, if there is one segment and it is large; else 0."""
    return FIRST_ROWS if len(segments) == 1 and segments[0].live_rows > 4 * FIRST_ROWS else 0


def cut(engine: Engine, source: Source, segment: Segment, seconds_a_row: float) -> Unit | None:
    """Cuts the segment if its rows take long; the first part then.

    Raises RequirementFailed if another writer changed it.
    """
    if segment.live_rows * seconds_a_row <= LONG_S:
        return None
    return _cut(engine, source, segment, max(FIRST_ROWS, int(PART_S / seconds_a_row)))


def cut_large(engine: Engine, source: Source, segment: Segment) -> Unit | None:
    """Like `cut`, however long it takes."""
    return None if segment.live_rows <= 4 * LARGE_ROWS else _cut(engine, source, segment, LARGE_ROWS)


def _cut(engine: Engine, source: Source, segment: Segment, rows: int) -> Unit:
    schema = source.schema
    stored = [column for column in schema.columns if column.stored]
    changes, requirements = merge(
        engine.context.store,
        schema.table.folder,
        [segment],
        columns={column.id for column in stored},
        derived={column.id for column in stored if column.is_computed},
        key=schema.key,
        rows=max(rows, segment.live_rows // MOST_PARTS),
    )
    unchanged = SchemaIs(schema.table.id, schema.table.schema_version)
    try:
        committed = engine.commit(Commit('cut', changes, (unchanged, *requirements)))
    except BaseException:
        paths = (file.path for change in changes if isinstance(change, AddSegment) for file in change.files)
        engine.context.store.objects.delete(*filter(None, paths))
        raise
    first = next(change for change in changes if isinstance(change, AddSegment))
    low = committed.first_ids[0]
    high = low + first.rows - 1 if first.id_range is None else first.id_range[1]
    return Unit(low, high, first.rows, frozenset(committed.segment_ids[:1]))
