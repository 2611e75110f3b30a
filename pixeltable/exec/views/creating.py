"""Creating a view: its rows are computed from all rows of its bases, and one commit names both the view and the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pixeltable.catalog.changes import Change, Commit, CreateTable, HasVersion, Requirement, SchemaIs, VersionIs
from pixeltable.catalog.records import Contents, Schema
from pixeltable.catalog.views import ViewSpec
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.refresh import Refresh
from pixeltable.exec.views.refreshed import Refreshed
from pixeltable.exec.views.requery import Requery


def create_view(engine: Engine, schema: Schema, dropped: Callable[[], Sequence[Change]], abort: bool | None) -> Outcome:
    """Creates the view `schema`, in one commit that also carries out what `dropped` gives.

    Rows that come into the bases meanwhile are in it.
    """
    view = schema.table.view
    assert view is not None

    def attempt() -> Outcome:
        outcome = Outcome('create view')
        newest = newest_of(engine, view.sources)
        at = engine.catalog.last_commit() if view.at is None else view.at
        bases = {base: engine.source(base, at) for base in view.sources}
        first = bases[view.base]
        whole = schema if view.query is not None else schema.over(first.schema)
        refreshed = _filled(engine, whole, bases, abort)
        outcome.add(refreshed.outcome)
        changes = (*dropped(), CreateTable(schema.table, schema.columns), *refreshed.changes)
        summary = outcome.summary() | {'added': ', '.join(column.name for column in whole.visible)}
        versions = ((schema.table.id, 'schema', summary),)
        commit = Commit('create view', changes, tuple(_required(engine, view, bases, newest)), versions)
        outcome.committed(engine.commit(commit), schema.table.id)
        return outcome

    return until_committed(attempt, f'creation of view {schema.table.path!r}')


def newest_of(engine: Engine, tables: Iterable[str]) -> dict[str, int]:
    """The commits of the newest versions of tables. What is planned on them asks for them first, and reads the tables then."""
    return {table_id: engine.catalog.versions(table_id, 1)[0].commit for table_id in tables}


def as_they_are(bases: Mapping[str, Source], newest: Mapping[str, int]) -> Iterator[Requirement]:
    """That these tables are what they were when they were read."""
    for table_id, base in bases.items():
        yield SchemaIs(table_id, base.schema.table.schema_version)
        yield VersionIs(table_id, newest[table_id])


def _required(
    engine: Engine, view: ViewSpec, bases: Mapping[str, Source], newest: Mapping[str, int]
) -> Iterable[Requirement]:
    """What must still be so of the bases: all of it, or only that the version is there that a snapshot is of."""
    if view.version is not None:
        return [HasVersion(view.base, view.version, engine.catalog.version(view.base, view.version).commit)]
    return as_they_are(bases, newest) if view.at is None else ()


def _filled(engine: Engine, schema: Schema, bases: Mapping[str, Source], abort: bool | None) -> Refreshed:
    """All rows of a new view."""
    view = schema.table.view
    assert view is not None
    base = bases[view.base]
    contents = Contents(schema.table.id, 0, ())
    if view.query is not None:
        return Requery(engine, Source(schema, contents, base.store), abort).renew(bases)
    nothing = Source(base.schema, Contents(view.base, 0, ()), base.store, _without_rows(base.base))
    return Refresh(engine, Source(schema, contents, base.store, nothing), base, abort).carry_out()


def _without_rows(source: Source | None) -> Source | None:
    if source is None:
        return None
    contents = replace(source.contents, segments=())
    return Source(source.schema, contents, source.store, _without_rows(source.base))
