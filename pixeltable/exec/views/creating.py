"""Creating a view: its rows are computed from all rows of its base, and one commit names both the view and the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pixeltable.catalog.changes import Change, Commit, CreateTable, HasVersion, Requirement, SchemaIs, VersionIs
from pixeltable.catalog.past import Version
from pixeltable.catalog.records import Contents, Schema
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.refresh import Refresh


def create_view(engine: Engine, schema: Schema, dropped: Callable[[], Sequence[Change]], abort: bool | None) -> Outcome:
    """Creates the view `schema`, in one commit that also carries out what `dropped` gives.

    Rows that come into the base meanwhile are in it.
    """
    view = schema.table.view
    assert view is not None

    def attempt() -> Outcome:
        outcome = Outcome('create view')
        newest = engine.catalog.versions(view.base, 1)[0]
        at = engine.catalog.last_commit() if view.at is None else view.at
        base = engine.source(view.base, at)
        whole = schema.over(base.schema)
        nothing = Source(base.schema, Contents(view.base, 0, ()), base.store, _without_rows(base.base))
        before = Source(whole, Contents(schema.table.id, 0, ()), base.store, nothing)
        refreshed = Refresh(engine, before, base, abort).carry_out()
        outcome.add(refreshed.outcome)
        changes = (*dropped(), CreateTable(schema.table, schema.columns), *refreshed.changes)
        summary = outcome.summary() | {'added': ', '.join(column.name for column in whole.visible)}
        versions = ((schema.table.id, 'schema', summary),)
        commit = Commit('create view', changes, tuple(_unchanged(engine, base, newest, view.version)), versions)
        outcome.committed(engine.commit(commit), schema.table.id)
        return outcome

    return until_committed(attempt, f'creation of view {schema.table.path!r}')


def _without_rows(source: Source | None) -> Source | None:
    if source is None:
        return None
    contents = replace(source.contents, segments=())
    return Source(source.schema, contents, source.store, _without_rows(source.base))


def _unchanged(engine: Engine, base: Source, newest: Version, version: int | None) -> list[Requirement]:
    """What must still be so of the base: all of it, or only that the version is there that a snapshot is of."""
    table = base.schema.table
    if version is not None:
        number = engine.catalog.version(table.id, version)
        return [HasVersion(table.id, version, number.commit)]
    return [SchemaIs(table.id, table.schema_version), VersionIs(table.id, newest.commit)]
