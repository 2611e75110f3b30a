"""What a purge takes out of the views of a table, and what these hold instead.

Rows that were made from single rows go with them, whatever they held at any time. A group, or whatever else was computed from
many rows, goes from all versions too if a purged row ever counted in it, and is computed again for the newest one, without that
row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.changes import AddSegment, Change, NoVersionSince, SchemaIs
from pixeltable.catalog.records import Contents, Schema, TableRecord
from pixeltable.errors import Error, NotFoundError
from pixeltable.exec.engine import Engine
from pixeltable.exec.inherited import positions_of_ids
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.maintenance.downstream import downstream, dropped_downstream
from pixeltable.exec.maintenance.lives import stages
from pixeltable.exec.maintenance.purge_table import Find, Found, PurgeOfTable, whole
from pixeltable.exec.maintenance.purged import Planned
from pixeltable.exec.source import Source
from pixeltable.exec.views.alike import among
from pixeltable.exec.views.applied import applied
from pixeltable.exec.views.following import Follower
from pixeltable.exec.views.holding import holding
from pixeltable.exec.views.recipe import Recipe
from pixeltable.exec.views.refresh import Refresh
from pixeltable.exec.views.refreshed import Refreshed
from pixeltable.exec.views.requery import Requery
from pixeltable.exec.views.restricted import restricted
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.plan.logical import POSITION
from pixeltable.plan.query import TableSource
from pixeltable.storage.blanking import row_ids
from pixeltable.types import buffers

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _State:
    """What becomes of a table: `found` are the rows that go, `stays` are the others, and `after` are those with what comes in the
    places of the former."""

    table: PurgeOfTable
    found: Found
    stays: Source
    after: Source


class PurgeOfViews:
    """The views of one table, in one attempt to commit."""

    def __init__(self, engine: Engine, ledger: Ledger, at: int) -> None:
        self._engine = engine
        self._ledger = ledger
        self._at = at
        self._follower = Follower(engine, None)
        self._states: dict[str, _State] = {}

    @property
    def written(self) -> set[str]:
        """The objects that were written."""
        return {path for state in self._states.values() for path in state.table.written}

    def plans(self, table_id: str, table: PurgeOfTable, found: Found) -> Iterator[Planned]:
        """For each view of a table; `found` are the rows of that that go."""
        stays = _without(self._engine.source(table_id, self._at), found.ids)
        self._states[table_id] = _State(table, found, stays, stays)
        for record in downstream(self._engine.catalog, table_id):
            yield self._of_rows(record) if record.view and record.view.query is None else self._of_query(record)
        for record, commit in dropped_downstream(self._engine.catalog, self._states):
            yield self._of_dropped(record, commit - 1)

    def _table(self, table_id: str, find: Find) -> PurgeOfTable:
        return PurgeOfTable(self._engine, self._ledger, table_id, find)

    def _of_rows(self, record: TableRecord) -> Planned:
        """Of a view whose rows were made each from a row of its base."""
        engine, view = self._engine, record.view
        assert view is not None
        below, source = self._states[view.base], engine.source(record.id, self._at)
        table = self._table(record.id, lambda stored: holding(stored, below.found.ids)[0])
        found = table.found()
        plan = table.plan(found, self._at)
        contents = _without(source, found.ids).contents
        stays = Source(source.schema, contents, source.store, source.base if view.at is not None else below.stays)
        added: tuple[Change, ...] = ()
        if view.at is None and below.after is not below.stays:
            added = self._added(record.id, Refresh(engine, stays, below.after, None).carry_out())
        state = self._state(table, found, stays, added)
        base = stays.base if view.at is not None else below.after
        self._states[record.id] = replace(state, after=replace(state.after, base=base))
        return replace(plan, added=added, requirements=(*plan.requirements, SchemaIs(record.id, record.schema_version)))

    def _of_query(self, record: TableRecord) -> Planned:
        """Of a view that holds the result of a query."""
        engine, view = self._engine, record.view
        assert view is not None
        source = engine.source(record.id, self._at)
        recipe = Recipe.of(engine, source.schema)
        table = self._table(record.id, self._find(recipe))
        found = table.found()
        bases = self._bases(recipe)
        if bases is None:
            self._states[record.id] = self._state(table, found, _without(source, found.ids), ())
            return table.plan(found, self._at)
        live = positions_of_ids(source, found.ids)
        renewed = Requery(engine, source, None).renew(bases, again=live[live >= 0])
        removed = source.fetch([ROW_ID_FIELD], renewed.removed).column(ROW_ID_FIELD)
        found = replace(found, ids=np.union1d(found.ids, buffers.numbers(removed)))
        added = self._added(record.id, renewed)
        self._states[record.id] = self._state(table, found, _without(source, found.ids), added)
        plan = table.plan(found, self._at)
        others = (NoVersionSince(base, self._at) for base in bases if base not in self._states)
        required = (*plan.requirements, SchemaIs(record.id, record.schema_version), *others)
        return replace(plan, added=added, requirements=required, summary=renewed.outcome.summary())

    def _of_dropped(self, record: TableRecord, at: int) -> Planned:
        """Of a view that commit `at` saw last. Nothing is added: if it comes back, it catches up with what it is of."""
        schema = self._engine.catalog.schema(record.id, at)
        table = PurgeOfTable(self._engine, self._ledger, record.id, self._find_dropped(schema), at)
        found = table.found()
        nothing = Source(schema, Contents(record.id, at, ()), self._engine.context.store)
        self._states[record.id] = _State(table, found, nothing, nothing)
        plan = table.plan(found, self._at)
        return replace(plan, path=f'{record.path} (dropped)', summary=None, ids=found.every_id)

    def _find_dropped(self, schema: Schema) -> Find:
        view = schema.table.view
        assert view is not None
        if view.query is None:
            ids = self._states[view.base].found.every_id
            return lambda stored: holding(stored, ids)[0]
        try:
            return self._find(Recipe.of(self._engine, schema))
        except Error:  # a function that is gone: nobody knows what is of which rows
            return _every_row

    def _added(self, view_id: str, refreshed: Refreshed) -> tuple[Change, ...]:
        """What a view gets; what it loses is purged."""
        new = [change for change in refreshed.changes if isinstance(change, AddSegment)]
        return tuple(self._follower.with_ids(view_id, new))

    @staticmethod
    def _state(table: PurgeOfTable, found: Found, stays: Source, added: tuple[Change, ...]) -> _State:
        if not added:
            return _State(table, found, stays, stays)
        new = applied(replace(stays.contents, segments=()), added).segments
        together = sorted((*stays.contents.segments, *new), key=lambda segment: (segment.min_id, segment.id))
        return _State(table, found, stays, stays.part(together))

    def _bases(self, recipe: Recipe) -> dict[str, Source] | None:
        """What the query reads once the rows are gone; None if that cannot be read any more."""
        view = recipe.schema.table.view
        assert view is not None
        if view.at is None:
            others = {base: self._engine.source(base, self._at) for base in view.sources if base not in self._states}
            return others | {base: self._states[base].after for base in view.sources if base in self._states}
        if any(table.version is not None for table in recipe.spec.tables):
            return None
        try:
            then = {base: self._engine.source(base, view.at) for base in view.sources}
        except NotFoundError:  # its past was vacuumed
            return None
        return {base: _without(each, self._gone(base)) for base, each in then.items()}

    def _gone(self, table_id: str) -> Positions:
        return self._states[table_id].found.ids if table_id in self._states else np.empty(0, np.int64)

    def _find(self, recipe: Recipe) -> Find:
        """Finds the rows of a view of a query in which purged rows are, or ever counted."""
        view = recipe.schema.table.view
        assert view is not None
        gone = {base: state.found for base, state in self._states.items() if base in view.sources}
        keys = recipe.id_keys
        if keys is not None:
            ids = {key: gone[table].every_id for key, table in keys if table in gone}
            return lambda stored: np.unique(
                np.concatenate([holding(stored, each, key)[0] for key, each in ids.items()])
            )
        groups = self._groups(recipe)
        if groups is None:
            return _every_row
        return partial(_in_groups, recipe, groups)

    def _groups(self, recipe: Recipe) -> pa.Table | None:
        """The keys of the groups that rows which go were ever in; None where that cannot be told."""
        query = recipe.keys_alone
        if query is None or query.joins or not isinstance(query.source, TableSource):
            return None
        table_id = query.source.table_id
        state = self._states[table_id]
        schema, store = state.stays.schema, state.stays.store
        if schema.base is not None:  # what it had of its base then is not known
            return None
        ids = state.found.every_id
        parts = []
        for stored in state.table.affected(state.found):
            positions = np.flatnonzero(np.isin(row_ids(store, whole(stored)), ids))
            for files in {stage.files for stage in stages(stored)}:
                segment = replace(stored.segment, id=-1, files=files)
                rows = restricted(Source(schema, Contents(table_id, 0, (segment,)), store), positions)
                try:
                    parts.append(recipe.rows({table_id: rows}, query))
                except Error:  # a function that fails for what a row was once
                    return None
        return pa.concat_tables(parts) if parts else None


def _every_row(stored: Source) -> Positions:
    return np.arange(stored.offsets[-1])


def _in_groups(recipe: Recipe, groups: pa.Table, stored: Source) -> Positions:
    rows = pa.concat_tables(list(stored.read([POSITION, *recipe.keys])))
    groups = groups.cast(rows.schema.remove(0))
    inside = among(recipe.engine.context, rows, groups, recipe.keys)
    return np.sort(buffers.numbers(rows.column(POSITION))[inside])


def _without(source: Source, ids: Positions) -> Source:
    """A table without the rows that have these ids."""
    live = np.concatenate([np.empty(0, np.int64), *(buffers.numbers(t.column(0)) for t in source.read([POSITION]))])
    gone = positions_of_ids(source, ids)
    return restricted(source, np.setdiff1d(live, gone))
