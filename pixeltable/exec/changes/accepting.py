"""Declaring a change of code harmless: cells that the old code made count as made by the new one. Nothing is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pixeltable.catalog.changes import Commit, ReplaceColumn, SchemaIs
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.exec.engine import Engine
from pixeltable.exec.staleness import StaleColumn, staleness
from pixeltable.exec.transaction import until_committed


def accept_stale(engine: Engine, schema: Schema, columns: Sequence[ColumnRecord]) -> int:
    """Accepts what other code made of `columns`, or of all columns if there are none; returns how many cells that concerns.

    Raises FUNCTION_NOT_FOUND if the code of one of `columns` cannot be had.
    """
    table = schema.table
    wanted = {column.id for column in columns}

    def attempt() -> int:
        source = engine.source(table.id)
        found = staleness(engine, source).values()
        stale = [each for each in found if not wanted or each.record.id in wanted]
        for each in stale:
            if wanted and each.problem is not None:
                raise each.problem
        changed = [each for each in stale if each.by_code]
        if not changed:
            return 0
        changes = tuple(ReplaceColumn(table.id, _accepting(each)) for each in changed)
        summary = {'accepted': ', '.join(each.record.name for each in changed)}
        unchanged = (SchemaIs(table.id, source.schema.table.schema_version),)
        engine.commit(Commit('accept stale', changes, unchanged, ((table.id, 'schema', summary),)))
        segments = source.contents.segments
        return sum(segments[index].live_rows for each in changed for index in each.by_code)

    return until_committed(attempt, f'acceptance of stale cells of {table.path!r}')


def _accepting(stale: StaleColumn) -> ColumnRecord:
    assert stale.column is not None
    now = stale.column.fingerprint
    before = sorted({code for made in stale.by_code.values() for code in made})
    pairs = dict.fromkeys([*stale.record.accepted, *((code, now) for code in before)])
    return replace(stale.record, accepted=tuple(pairs))
