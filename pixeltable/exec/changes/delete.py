"""Deleting rows: a delete vector for each segment that held some, or the end of a segment that held no others."""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.catalog.changes import Commit, SchemaIs
from pixeltable.catalog.records import Schema
from pixeltable.exec.changes.matching import matching
from pixeltable.exec.changes.removal import removal
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.following import commit_with_views
from pixeltable.exprs.nodes import Node


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
        committed = commit_with_views(engine, commit, table.id, outcome)
        outcome.version = committed.versions[table.id]
        return outcome

    return until_committed(attempt, f'delete from {table.path!r}')
