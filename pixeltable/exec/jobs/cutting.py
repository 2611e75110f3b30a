"""Cuts a large segment that would take long, so that its rows appear part by part, and a worker that dies loses only one.

The cells of a segment come as a whole. New rows are stored in small segments for that; those that were there before a column came
may lie in large ones. Cutting writes a segment anew, and changes nothing that users see; compaction puts the parts together when
the job is done.
"""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.catalog.changes import AddSegment, Commit, SchemaIs
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.pieces import Piece
from pixeltable.exec.source import Source
from pixeltable.storage.merging import merge

FIRST_ROWS = 1000
"""So many rows tell how long the others take."""

LONG_S = 30.0
"""A segment that takes longer is cut."""

PART_S = 10.0
"""Into parts that take so long each, but no smaller ones than were tried first, and not too many."""

MOST_PARTS = 500


def rows_to_cut(found: Sequence[Piece]) -> int:
    """How many rows to try first, if there is one segment and it is large; else 0."""
    return FIRST_ROWS if len(found) == 1 and len(found[0].inside) > 4 * FIRST_ROWS else 0


def cut(engine: Engine, source: Source, piece: Piece, seconds_a_row: float) -> int | None:
    """Cuts the segment, of which all live rows are to be computed, if they take long; the largest row id of its first part then.

    Raises RequirementFailed if another writer changed it.
    """
    rows = len(piece.inside)
    if rows * seconds_a_row <= LONG_S:
        return None
    schema = source.schema
    stored = [column for column in schema.columns if column.stored]
    changes, requirements = merge(
        engine.context.store,
        schema.table.folder,
        [piece.segment],
        columns={column.id for column in stored},
        derived={column.id for column in stored if column.is_computed},
        key=schema.key,
        rows=max(FIRST_ROWS, int(PART_S / seconds_a_row), rows // MOST_PARTS),
    )
    unchanged = SchemaIs(schema.table.id, schema.table.schema_version)
    try:
        engine.commit(Commit('cut', changes, (unchanged, *requirements)))
    except BaseException:
        paths = (file.path for change in changes if isinstance(change, AddSegment) for file in change.files)
        engine.context.store.objects.delete(*filter(None, paths))
        raise
    first = next(change for change in changes if isinstance(change, AddSegment))
    if first.id_range is not None:
        return first.id_range[1]
    assert first.first_id is not None
    return first.first_id + first.rows - 1
