"""Adding a computed column to a table that has rows: compute for all of them, then one commit with the column and its files.

Rows inserted while this computes are computed too before the commit; nobody waits for anybody.
"""

from __future__ import annotations

import dataclasses

from pixeltable.catalog.changes import AddColumn, AddFile, Change, Commit, NewFile, NothingSince, Requirement, SchemaIs, SegmentIs
from pixeltable.catalog.records import ColumnRecord, Contents, Schema
from pixeltable.exec.changes.backfill import backfill
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exprs.nodes import Node


def add_computed_column(engine: Engine, schema: Schema, column: ColumnRecord, node: Node, abort: bool) -> Outcome:
    """Adds `column`, whose unbound expression is `node`. `column.id` is given by the schema at the time of the commit."""
    table = schema.table
    outcome = Outcome('add column', columns=[column.name])
    done: dict[int, NewFile] = {}

    def attempt() -> Outcome:
        source = engine.source(table.id)
        current = source.schema
        record = dataclasses.replace(column, id=current.table.next_column_id)
        if done and record.id != next(iter(done.values())).columns[0].column_id:
            done.clear()  # another column was added meanwhile and took the id
        computed = ComputedColumn(record, engine.resolver.bind(current, node), record.fingerprint or '')
        if record.stored:
            missing = tuple(segment for segment in source.contents.segments if segment.id not in done)
            rest = Source(current, Contents(table.id, source.contents.commit, missing), source.store)
            done.update(backfill(engine, rest, [computed], abort, outcome))
        changes: list[Change] = [AddColumn(table.id, record)]
        requirements: list[Requirement] = [
            SchemaIs(table.id, current.table.schema_version),
            NothingSince(table.id, source.contents.commit),
        ]
        for segment in source.contents.segments if record.stored else ():
            changes.append(AddFile(segment.id, done[segment.id]))
            requirements.append(SegmentIs.of(segment))
        summary = outcome.summary() | {'added': column.name}
        commit = Commit('add column', tuple(changes), tuple(requirements), ((table.id, 'schema', summary),))
        outcome.version = engine.catalog.commit(commit).versions[table.id]
        return outcome

    return until_committed(attempt, f'adding column {column.name!r} to {table.path!r}')
