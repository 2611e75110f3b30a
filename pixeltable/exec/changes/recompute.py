"""Computing columns again for rows that did not change: a new file for each segment concerned, nothing else rewritten."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from pixeltable.catalog.changes import AddFile, Change, Commit, Requirement, SchemaIs, SegmentIs
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.exec.changes.backfill import backfill, input_fields
from pixeltable.exec.changes.choosing import Chosen, Request, choose
from pixeltable.exec.changes.matching import Positions
from pixeltable.exec.changes.patching import Patch
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import Splitter, computed
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.following import commit_with_views
from pixeltable.plan.dependencies import in_order, readers


def recompute(engine: Engine, schema: Schema, request: Request, abort: bool | None) -> Outcome:
    """Computes what `request` means again, in one commit. None is made if that is nothing."""
    table = schema.table
    engine.context.operation.asks_again = request.only == 'all'

    def attempt() -> Outcome:
        outcome = Outcome('recompute')
        source = engine.source(table.id)
        chosen = choose(engine, source, request)
        outcome.left_out = [error.message for error in chosen.left_out.values()]
        outcome.touch([column for column in in_order(source.schema) if column.id in chosen.column_ids])
        if not chosen.segments:
            return outcome
        changes = recomputed(engine, chosen, abort, outcome)
        requirements: list[Requirement] = [SegmentIs.of(source.contents.segments[index]) for index in chosen.segments]
        requirements.append(SchemaIs(table.id, source.schema.table.schema_version))
        versions = ((table.id, 'data', outcome.summary()),)
        commit = Commit('recompute', tuple(changes), tuple(requirements), versions)
        committed = commit_with_views(engine, commit, table.id, outcome, abort, since=source.contents.commit)
        outcome.version = committed.versions[table.id]
        return outcome

    return until_committed(attempt, f'recomputation of {table.path!r}')


def recomputed(engine: Engine, chosen: Chosen, abort: bool | None, outcome: Outcome) -> list[Change]:
    """Computes the chosen cells: the files that their segments get."""
    whole: dict[frozenset[int], list[int]] = {}
    patches: dict[int, Patch] = {}
    for index, columns in chosen.segments.items():
        if chosen.is_whole(index):
            whole.setdefault(frozenset(columns), []).append(index)
    changes: list[Change] = []
    for column_ids, indexes in whole.items():
        changes += _whole_segments(engine, chosen.source, column_ids, indexes, abort, outcome)
    for column_ids, places in patterns(
        chosen, [index for index in chosen.segments if not chosen.is_whole(index)]
    ).items():
        _some_rows(engine, chosen.source, column_ids, places, patches, abort, outcome)
    for index, columns in chosen.segments.items():
        left = left_behind(chosen.source, index, columns.keys())
        if left:
            patches.setdefault(index, Patch(engine, chosen.source, index)).outdate(left)
    segments = chosen.source.contents.segments
    return [*changes, *(AddFile(segments[index].id, patch.file()) for index, patch in patches.items())]


def _columns(engine: Engine, source: Source, column_ids: Collection[int]) -> list[ComputedColumn]:
    return [engine.resolver.computed(source.schema, c) for c in in_order(source.schema) if c.id in column_ids]


def _whole_segments(
    engine: Engine,
    source: Source,
    column_ids: Collection[int],
    indexes: Sequence[int],
    abort: bool | None,
    outcome: Outcome,
) -> list[Change]:
    part = source.part(source.contents.segments[index] for index in indexes)
    files = backfill(engine, part, _columns(engine, source, column_ids), abort, outcome)
    outcome.updated += part.contents.row_count
    return [AddFile(segment_id, file) for segment_id, file in files.items()]


_Places = list[tuple[int, Positions]]
"""Rows of segments: the number of each segment, and positions in it."""


def patterns(chosen: Chosen, indexes: Sequence[int]) -> dict[frozenset[int], _Places]:
    """The rows by the columns that are computed for them, so that each function is called for all of its rows together."""
    found: dict[frozenset[int], _Places] = {}
    for index in indexes:
        column_ids = sorted(chosen.segments[index])
        rows = np.zeros((chosen.source.contents.segments[index].rows, len(column_ids)), np.bool_)
        for number, column_id in enumerate(column_ids):
            rows[chosen.rows(index, column_id), number] = True
        inside = np.flatnonzero(rows.any(axis=1))
        patterns, owners = np.unique(rows[inside], axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            ids = frozenset(np.array(column_ids)[pattern].tolist())
            found.setdefault(ids, []).append((index, inside[owners.reshape(-1) == number]))
    return found


def _some_rows(
    engine: Engine,
    source: Source,
    column_ids: Collection[int],
    places: _Places,
    patches: dict[int, Patch],
    abort: bool | None,
    outcome: Outcome,
) -> None:
    columns = _columns(engine, source, column_ids)
    positions = np.concatenate([inside + source.offsets[index] for index, inside in places])
    rows = source.fetch(input_fields(source, columns), positions)
    results = Splitter(computed(engine.context, source.schema, iter([rows]), columns, abort, rows.num_rows))
    for index, inside in places:
        part, errors = results.take(len(inside))
        outcome.count(columns, len(inside), errors)
        outcome.updated += len(inside)
        moved = {field: {int(inside[row]): error for row, error in cells.items()} for field, cells in errors.items()}
        patches.setdefault(index, Patch(engine, source, index)).put(columns, part, inside, moved)


def left_behind(source: Source, index: int, column_ids: Collection[int]) -> list[ColumnRecord]:
    """The columns of a segment that read what is computed again, and are not themselves."""
    pending = source.pending(source.contents.segments[index])
    return [c for c in readers(source.schema, column_ids) if c.id not in column_ids and c.id not in pending]
