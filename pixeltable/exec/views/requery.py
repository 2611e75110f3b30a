"""What a view that holds the result of a query has to become when a table changes that the query reads.

A row stays, with its id, as long as the result has one with its keys. What is computed from its columns is computed again only
where one of these has another value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.changes import NoVersionSince, SchemaIs
from pixeltable.errors import Error, error_class
from pixeltable.exec.changes.new_segments import NewSegment, new_segments
from pixeltable.exec.differences.cells import differing
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.views.alike import pairs
from pixeltable.exec.views.reached import Reach, Reached
from pixeltable.exec.views.recipe import Recipe
from pixeltable.exec.views.refreshed import Refreshed, rewritten
from pixeltable.plan.logical import POSITION
from pixeltable.types import buffers

Tables = Mapping[str, Source]
NOWHERE = np.empty(0, np.int64)


class Requery:
    """Makes of a view over one state of the tables that it reads the view over another one."""

    def __init__(self, engine: Engine, view: Source, abort: bool | None) -> None:
        self._engine = engine
        self._view = view
        self._abort = abort
        self._recipe = Recipe.of(engine, view.schema)
        self._refreshed = Refreshed(Outcome('refresh'))

    def follow(self, before: Tables, after: Tables) -> Refreshed:
        """Computes and stores what the view lacks; the commit is the caller's.

        As a row may depend on any row of any table, the view must be as it was: each change of a table is one of it.
        """
        table = self._view.schema.table
        self._refreshed.requirements += [
            SchemaIs(table.id, table.schema_version),
            NoVersionSince(table.id, self._view.contents.commit),
        ]
        try:
            reached = Reach(self._recipe, self._view, before, after).found()
        except Error as error:
            what = f'view {table.path!r} cannot follow: {error.message}'
            raise error_class(error.error_code)(error.error_code, what) from error
        if reached is not None:
            self._take_over(reached)
        return self._refreshed

    def renew(self, tables: Tables, again: NDArray[np.int64] = NOWHERE) -> Refreshed:
        """The same, whatever the tables were before. The rows at `again` are written again even if they stay what they are."""
        every = np.sort(np.concatenate([NOWHERE, *self._live()]))
        self._take_over(Reached(every, self._recipe.rows(tables)), again)
        return self._refreshed

    def _live(self) -> Iterator[NDArray[np.int64]]:
        return (buffers.numbers(rows.column(POSITION)) for rows in self._view.read([POSITION]))

    def _take_over(self, reached: Reached, written: NDArray[np.int64] = NOWHERE) -> None:
        """Makes the rows that are reached what they have to be."""
        recipe, view = self._recipe, self._view
        positions, rows = reached.positions, reached.rows
        old = view.fetch(recipe.fields, positions)
        at_old, at_new = pairs(self._engine.context, old, rows, recipe.keys)
        at_new, first = np.unique(at_new, return_index=True)  # a key that a view holds twice is one of a row too many
        at_old = at_old[first]
        left, right = old.take(buffers.positions(at_old)), rows.take(buffers.positions(at_new))
        changed = {
            column.id: differing(left.column(name), right.column(name)) for name, column in recipe.by_field.items()
        }
        differs = np.logical_or.reduce(list(changed.values())) | np.isin(positions[at_old], written)
        gone = np.delete(positions, at_old)
        again = positions[at_old[differs]]
        self._refreshed.outcome.deleted += len(gone)
        self._refreshed.removed = np.sort(np.concatenate([gone, again]))
        self._refreshed.remove(view, self._refreshed.removed)
        if len(again):
            masks = {column: mask[differs] for column, mask in changed.items() if mask.any() or len(written)}
            self._rewrite(again, right.filter(buffers.booleans(differs)), masks)
        self._refreshed.insert(
            view, self._stored(rows.take(buffers.positions(np.delete(np.arange(rows.num_rows), at_new))))
        )

    def _rewrite(self, positions: NDArray[np.int64], rows: pa.Table, changed: Mapping[int, NDArray[np.bool_]]) -> None:
        view = self._view
        kept = [name for name in view.columns if name not in rows.column_names]
        whole = view.fetch(kept, positions)
        for name in rows.column_names:
            whole = whole.append_column(name, rows.column(name))
        outcome = self._refreshed.outcome
        segments = rewritten(self._engine, view, positions, whole, changed, set, self._abort, outcome)
        self._refreshed.changes += segments

    def _stored(self, rows: pa.Table) -> list[NewSegment]:
        """New rows. An attempt that finds the same ones as the last need not compute again."""
        if not rows.num_rows:
            return []
        schema, memory = self._view.schema, self._engine.context.operation.memory
        key = ('inserted', schema.table.id, schema.version)
        if key not in memory or not memory[key][0].equals(rows):
            done = Outcome('refresh')
            memory[key] = rows, new_segments(self._engine, schema, iter([rows]), self._abort, done), done
        _, segments, done = memory[key]
        self._refreshed.outcome.add(done)
        return list(segments)
