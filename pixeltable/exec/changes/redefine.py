"""Giving a computed column another expression, and computing its cells and what depends on them again, in one commit."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable

from pixeltable.catalog.changes import Change, Commit, NothingSince, ReplaceColumn, Requirement, SchemaIs, SegmentIs
from pixeltable.catalog.records import ColumnRecord, Schema, TableRecord
from pixeltable.exec.changes.choosing import Request, choose
from pixeltable.exec.changes.recompute import recomputed
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.dependents import below_as_they_are, check_unread
from pixeltable.exec.views.following import commit_with_views
from pixeltable.plan.dependencies import readers


def redefine(
    engine: Engine,
    table: TableRecord,
    redefined: Callable[[Schema], ColumnRecord],
    abort: bool | None,
    *,
    recompute: bool,
    cascade: bool,
) -> Outcome:
    """Replaces the record of a computed column by the one that `redefined` makes for the schema, of the same id and type.

    Without `recompute` its cells stay, and are stale; without `cascade` those that depend on it.
    """

    def attempt() -> Outcome:
        source = engine.source(table.id)
        column = redefined(source.schema)
        outcome = Outcome('alter column', columns=[column.name])
        changes: list[Change] = [ReplaceColumn(table.id, column)]
        requirements: list[Requirement] = [
            SchemaIs(table.id, source.schema.table.schema_version),
            *below_as_they_are(source.schema),
        ]
        if not column.stored:  # of which views see only what it is computed from
            requirements += check_unread(engine.catalog, source.schema, column, 'altered, not being stored')
        if recompute:
            changes += _recomputed(engine, source, column, abort, cascade, outcome)
            requirements.append(NothingSince(table.id, source.contents.commit))
            requirements += map(SegmentIs.of, source.contents.segments)
        summary = outcome.summary() | {'altered': column.name}
        commit = Commit('alter column', tuple(changes), tuple(requirements), ((table.id, 'schema', summary),))
        since = source.contents.commit
        outcome.committed(commit_with_views(engine, commit, table.id, outcome, abort, since=since), table.id)
        return outcome

    return until_committed(attempt, f'alteration of a column of {table.path!r}')


def _recomputed(
    engine: Engine, source: Source, column: ColumnRecord, abort: bool | None, cascade: bool, outcome: Outcome
) -> list[Change]:
    """The new files, computed as if the column were altered already."""
    columns = tuple(column if each.id == column.id else each for each in source.schema.columns)
    # What is decoded of a schema is kept by its version: this one has to be like no other.
    altered = Schema(dataclasses.replace(source.schema.table, schema_version=-uuid.uuid4().int), columns)
    concerned = (column,) if column.stored else tuple(readers(altered, [column.id])) if cascade else ()
    if not concerned:
        return []
    chosen = choose(engine, Source(altered, source.contents, source.store), Request(concerned, cascade=cascade))
    outcome.touch([each for each in columns if each.id in chosen.column_ids])
    return recomputed(engine, chosen, abort, outcome)
