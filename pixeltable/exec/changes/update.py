"""Updating rows: the old ones are deleted, and a new segment holds them under the same ids, with everything that depends on the
changed columns computed again and everything else copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from pixeltable.catalog.changes import Change, Commit, Requirement, SchemaIs
from pixeltable.catalog.records import Schema
from pixeltable.exec.changes.matching import Positions, matching
from pixeltable.exec.changes.pending import by_pending
from pixeltable.exec.changes.removal import removal
from pixeltable.exec.changes.rewriting import Kept, Part, made_by, old_rows, rewrite
from pixeltable.exec.engine import Engine
from pixeltable.exec.evaluate import Evaluation, raise_first_error
from pixeltable.exec.outcome import Outcome
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
    """Commits new versions of the rows at `positions`."""
    schema = source.schema
    outcome = Outcome('update', updated=len(positions))
    if not len(positions):
        return outcome
    changes: list[Change]
    changes, requirements = removal(source, positions)
    for start in range(0, len(positions), ROWS_AT_ONCE):
        parts = []
        for pending, rows in by_pending(source, positions[start : start + ROWS_AT_ONCE]):
            some = positions[start + rows]
            assigned = _assigned(engine, schema, old_rows(source, some), values)
            parts.append(Part(assigned, values, made_by(source, some), pending))
        changes.append(rewrite(engine, schema, parts, cascade=cascade, abort=abort, outcome=outcome, kept=kept))
    required: list[Requirement] = [*requirements, SchemaIs(schema.table.id, schema.table.schema_version)]
    versions = ((schema.table.id, 'data', outcome.summary()),)
    commit = Commit('update', tuple(changes), tuple(required), versions)
    outcome.committed(
        commit_with_views(engine, commit, schema.table.id, outcome, abort, since=source.contents.commit),
        schema.table.id,
    )
    return outcome


def _assigned(engine: Engine, schema: Schema, rows: pa.Table, values: Mapping[int, Node]) -> pa.Table:
    """The rows with the new values; all of them are computed from the old ones."""
    columns = [column for column in schema.columns if column.id in values]
    nodes = [engine.resolver.bind(schema, values[column.id]) for column in columns]
    evaluation = Evaluation(rows, engine.context.zone, engine.context.calls())
    vectors = engine.context.loop.run(evaluation.vectors(nodes))
    raise_first_error(vectors, nodes, 0)
    for column, vector in zip(columns, vectors, strict=True):
        name = field_name(column.id)
        array = engine.context.coerced(vector.values, column.type, column.name)
        rows = rows.set_column(rows.column_names.index(name), pa.field(name, array.type), array)
    return rows
