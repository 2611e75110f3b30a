"""Updating rows: those that change are deleted, and a new segment holds them under the same ids, with everything that depends on
the changed columns computed again and everything else copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import Change, Commit, Requirement, SchemaIs
from pixeltable.catalog.records import Schema
from pixeltable.exec.changes.given import changing
from pixeltable.exec.changes.matching import Positions, matching
from pixeltable.exec.changes.removal import removal
from pixeltable.exec.changes.rewriting import Kept, rewrite
from pixeltable.exec.engine import Engine
from pixeltable.exec.evaluate import Evaluation, raise_first_error
from pixeltable.exec.media.saving import Place, Saving
from pixeltable.exec.media.settling import settled_or_refused
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.resolve import check_no_windows
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.following import commit_with_views
from pixeltable.exprs.bind import field_name
from pixeltable.exprs.nodes import Node

ROWS_AT_ONCE = 131_072
"""So many updated rows make one segment; it bounds the memory of an update of everything."""


def update(
    engine: Engine,
    schema: Schema,
    values: Mapping[int, Node],
    predicates: Sequence[Node],
    *,
    cascade: bool,
    abort: bool | None,
) -> Outcome:
    """Sets columns, by id, to unbound expressions where all of `predicates` are true."""
    table = schema.table

    kept = Kept()

    def attempt() -> Outcome:
        source = engine.source(table.id)
        positions = matching(engine, source, [engine.resolver.bind(source.schema, node) for node in predicates])
        return _replaced(engine, source, positions, values, cascade=cascade, abort=abort, kept=kept)

    return until_committed(attempt, f'update of {table.path!r}')


def _replaced(
    engine: Engine,
    source: Source,
    positions: Positions,
    values: Mapping[int, Node],
    *,
    cascade: bool,
    abort: bool | None,
    kept: Kept,
) -> Outcome:
    """Commits new versions of those of the rows at `positions` that get other values than they have."""
    schema = source.schema
    outcome = Outcome('update', updated=len(positions))
    if not len(positions):
        return outcome
    added: list[Change] = []
    replaced: list[Positions] = []
    for start in range(0, len(positions), ROWS_AT_ONCE):
        some = positions[start : start + ROWS_AT_ONCE]
        old = source.fetch(list(source.columns), some)
        parts = list(changing(source, old, _assigned(engine, schema, old, values), some))
        if parts:
            rows = [part for part, _ in parts]
            added += rewrite(engine, schema, rows, cascade=cascade, abort=abort, outcome=outcome, kept=kept)
            replaced += [some[inside] for _, inside in parts]
    if not added:
        outcome.commit = source.contents.commit
        return outcome
    changes, requirements = removal(source, np.sort(np.concatenate(replaced)))
    changes += added
    required: list[Requirement] = [*requirements, SchemaIs(schema.table.id, schema.table.schema_version)]
    versions = ((schema.table.id, 'data', outcome.summary()),)
    commit = Commit('update', tuple(changes), tuple(required), versions)
    outcome.committed(
        commit_with_views(engine, commit, schema.table.id, outcome, abort, since=source.contents.commit),
        schema.table.id,
    )
    return outcome


def _assigned(engine: Engine, schema: Schema, rows: pa.Table, values: Mapping[int, Node]) -> pa.Table:
    """The new values of the rows; all of them are computed from the old ones."""
    columns = [column for column in schema.columns if column.id in values]
    nodes = [engine.resolver.bind(schema, values[column.id]) for column in columns]
    for node in nodes:
        check_no_windows(node)
    evaluation = Evaluation(rows, engine.context.zone, engine.context.calls())
    vectors = engine.context.loop.run(evaluation.vectors(nodes))
    for column, vector in zip(columns, vectors, strict=True):
        saving = Saving(engine.context.services.library, engine.context.loop, Place.of(schema.table, column))
        engine.context.loop.run(saving.save(vector, column.type))
    raise_first_error(vectors, nodes, 0, evaluation)
    assigned = {}
    for column, vector in zip(columns, vectors, strict=True):
        name = field_name(column.id)
        array = engine.context.coerced(vector.values, column.type, column.name)
        assigned[name] = array
    return settled_or_refused(engine.context, schema, pa.table(assigned))
