"""Deleting rows: a delete vector for each segment that held some, or the end of a segment that held no others."""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.catalog.changes import (
    Change,
    Commit,
    EndSegment,
    ReplaceDeletes,
    Requirement,
    SchemaIs,
    SegmentIs,
)
from pixeltable.catalog.records import Schema
from pixeltable.exec.changes.matching import Positions, by_segment, matching
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exprs.nodes import Node
from pixeltable.storage import deletes


def delete(engine: Engine, schema: Schema, predicates: Sequence[Node]) -> Outcome:
    """Deletes the rows for which all of `predicates`, unbound, are true."""
    table = schema.table

    def attempt() -> Outcome:
        outcome = Outcome('delete')
        source = engine.source(table.id)
        positions = matching(engine, source, [engine.resolver.bind(source.schema, node) for node in predicates])
        outcome.deleted = len(positions)
        if not len(positions):
            return outcome
        changes, requirements = removal(source, positions)
        requirements.append(SchemaIs(table.id, source.schema.table.schema_version))
        commit = Commit('delete', tuple(changes), tuple(requirements), ((table.id, 'data', outcome.summary()),))
        committed = engine.commit(commit)
        outcome.version = committed.versions[table.id]
        return outcome

    return until_committed(attempt, f'delete from {table.path!r}')


def removal(source: Source, positions: Positions) -> tuple[list[Change], list[Requirement]]:
    """The changes that take rows out, and what must still be true of the segments that held them."""
    changes: list[Change] = []
    requirements: list[Requirement] = []
    for _, segment, inside in by_segment(source, positions):
        requirements.append(SegmentIs.of(segment))
        if len(inside) == segment.live_rows:
            changes.append(EndSegment(segment.id))
        else:
            count, data = deletes.extend(segment.deletes, inside, segment.rows)
            changes.append(ReplaceDeletes(segment.id, count, data))
    return changes, requirements
