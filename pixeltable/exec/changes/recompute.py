"""Computing columns again for rows that did not change: a new file for each segment concerned, nothing else rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import AddFile, Change, Commit, NewFile, Requirement, SchemaIs, SegmentIs
from pixeltable.catalog.records import ColumnRecord, Schema, Segment
from pixeltable.exec.changes.backfill import input_fields
from pixeltable.exec.changes.matching import Positions, by_segment, matching
from pixeltable.exec.changes.pending import apart, backfill_with_inputs
from pixeltable.exec.changes.rewriting import cell_errors
from pixeltable.exec.compute import Errors
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import computed, gathered
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.segments import write
from pixeltable.exec.source import ERRORS, PENDING, Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exprs.bind import property_field
from pixeltable.exprs.build import operation
from pixeltable.exprs.nodes import Field, Node
from pixeltable.plan.dependencies import affected, in_order
from pixeltable.storage.places import locate
from pixeltable.types.column_type import STRING


def recompute(
    engine: Engine,
    schema: Schema,
    columns: Sequence[ColumnRecord],
    predicates: Sequence[Node],
    *,
    errors_only: bool,
    cascade: bool,
    abort: bool,
) -> Outcome:
    """Computes `columns` again, and with `cascade` what depends on them, for the rows that `predicates` select."""
    table = schema.table

    def attempt() -> Outcome:
        outcome = Outcome('recompute')
        source = engine.source(table.id)
        wanted = {column.id for column in columns}
        if cascade:
            wanted |= {column.id for column in affected(source.schema, wanted)}
        again = [engine.resolver.computed(source.schema, c) for c in in_order(source.schema) if c.id in wanted]
        conditions = [engine.resolver.bind(source.schema, node) for node in predicates]
        if errors_only:
            conditions += has_failed(columns[0])
        if conditions:
            changes, requirements = _some_rows(engine, source, again, conditions, abort, outcome)
        else:
            changes, requirements = _all_rows(engine, source, again, abort, outcome)
        outcome.columns = [column.record.name for column in again]
        if not changes:
            return outcome
        requirements.append(SchemaIs(table.id, source.schema.table.schema_version))
        versions = ((table.id, 'data', outcome.summary()),)
        committed = engine.commit(Commit('recompute', tuple(changes), tuple(requirements), versions))
        outcome.version = committed.versions[table.id]
        return outcome

    return until_committed(attempt, f'recomputation of {table.path!r}')


def has_failed(column: ColumnRecord) -> list[Node]:
    """The conditions that the cell of a row failed, and is not just yet to be computed."""
    failed = Field(STRING.with_nullable(True), property_field(column.id, 'errortype'))
    return [operation('ne', failed, None), operation('ne', failed, PENDING['errortype'])]


def _all_rows(
    engine: Engine, source: Source, again: list[ComputedColumn], abort: bool, outcome: Outcome
) -> tuple[list[Change], list[Requirement]]:
    files = backfill_with_inputs(engine, source, again, abort, outcome)
    outcome.updated += source.contents.row_count
    changes: list[Change] = [AddFile(segment_id, file) for segment_id, file in files.items()]
    return changes, [SegmentIs.of(segment) for segment in source.contents.segments]


def _some_rows(
    engine: Engine,
    source: Source,
    again: list[ComputedColumn],
    conditions: Sequence[Node],
    abort: bool,
    outcome: Outcome,
) -> tuple[list[Change], list[Requirement]]:
    positions, whole = apart(source, matching(engine, source, conditions), [column.record for column in again])
    changes, requirements = _all_rows(engine, source.part(whole), again, abort, outcome) if whole else ([], [])
    outcome.updated += len(positions)
    if not len(positions):
        return changes, requirements
    rows = source.fetch(input_fields(source, again), positions)
    table, errors = gathered(list(computed(engine.context, source.schema, iter([rows]), again, abort, rows.num_rows)))
    outcome.count(again, len(positions), errors)
    for index, segment, inside in by_segment(source, positions):
        first = int(np.searchsorted(positions, source.offsets[index]))
        part = table.slice(first, len(inside))
        moved = {
            field: {int(inside[row - first]): e for row, e in cells.items() if first <= row < first + len(inside)}
            for field, cells in errors.items()
        }
        changes.append(AddFile(segment.id, merged(engine, source, index, again, part, inside, moved)))
        requirements.append(SegmentIs.of(segment))
    return changes, requirements


def merged(
    engine: Engine,
    source: Source,
    index: int,
    again: list[ComputedColumn],
    new: pa.Table,
    inside: Positions,
    errors: Errors,
) -> NewFile:
    """A file with the old cells of a segment, but for the positions `inside`, which have the new ones."""
    segment = source.contents.segments[index]
    names = [column.field for column in again]
    failed = [property_field(column.record.id, part) for column in again for part in ERRORS]
    old = source.read_segment(index, segment, names + failed, keep_deleted=True)
    choice = np.arange(segment.rows)
    choice[inside] = segment.rows + np.arange(len(inside))
    merged = pa.concat_tables([old.select(names), new.select(names)], promote_options='permissive').take(
        pa.array(choice)
    )
    changed = set(inside.tolist())
    for column in again:
        kept = {row: e for row, e in cell_errors(old, column.record).items() if row not in changed}
        errors[column.field] = kept | errors.get(column.field, {})
    records = [_marked(column, segment, len(inside)) for column in again]
    with engine.context.operation.timings.own('write', merged.num_rows):
        return write(engine.context.store, source.schema.table, merged, records, errors)


def _marked(column: ComputedColumn, segment: Segment, computed_rows: int) -> ColumnRecord:
    """The record to store the column under: with the fingerprint of its code only if that made all of its cells."""
    before = locate(segment).get(column.record.id)
    is_same = computed_rows == segment.live_rows or (before is not None and before.fingerprint == column.fingerprint)
    return column.current_record if is_same else replace(column.record, fingerprint=None)
