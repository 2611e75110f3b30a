"""Which rows of a view with a query a change reaches, and what these become: see `recipe.Way`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pixeltable.exec.inherited import positions_of_ids
from pixeltable.exec.query_columns import row_id_ref
from pixeltable.exec.source import Source
from pixeltable.exec.views.alike import among
from pixeltable.exec.views.among_groups import in_groups
from pixeltable.exec.views.difference import Difference, difference
from pixeltable.exec.views.holding import holding
from pixeltable.exec.views.merging import added, is_mergeable
from pixeltable.exec.views.recipe import Recipe
from pixeltable.exec.views.restricted import restricted
from pixeltable.exec.views.shapes import with_grouping, with_rows_of
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.plan.logical import POSITION
from pixeltable.plan.query import Output, QuerySpec, TableSource
from pixeltable.types import buffers

_Integers = NDArray[np.int64]
Tables = Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class Reached:
    """The `positions` of rows of a view, ascending, and the `rows` of its query that take their place. Rows with the same keys
    are the same row."""

    positions: _Integers
    rows: pa.Table


@dataclass(frozen=True)
class _Touched:
    """What changed in one table: `ids` of rows that are gone or have other values, and the positions `new` of these and of new
    rows in the state after."""

    found: Difference
    before: Source
    after: Source

    @cached_property
    def ids(self) -> _Integers:
        return np.concatenate([self.found.deleted, self.found.updated])

    @cached_property
    def new(self) -> _Integers:
        return np.sort(np.concatenate([self.found.inserted, self.found.places]))

    @property
    def old_rows(self) -> Source:
        return of_ids(self.before, self.ids)

    @property
    def new_rows(self) -> Source:
        return restricted(self.after, self.new)


def of_ids(source: Source, ids: _Integers) -> Source:
    """The rows of a table with some ids, as far as they are there."""
    positions = positions_of_ids(source, ids)
    return restricted(source, np.sort(positions[positions >= 0]))


class Reach:
    """Finds what of a view a change reaches: from the tables that it reads, by id, before and after it."""

    def __init__(self, recipe: Recipe, view: Source, before: Tables, after: Tables) -> None:
        self._recipe = recipe
        self._view = view
        self._before = before
        self._after = after
        self._way = recipe.way(after)
        self._touched = {
            table_id: each for table_id in after if len((each := self._look(table_id)).ids) or len(each.new)
        }

    def _look(self, table_id: str) -> _Touched:
        before, after = self._before[table_id], self._after[table_id]
        found = Difference() if before is after else difference(before, after, self._recipe.reads(after))
        return _Touched(found, before, after)

    def found(self) -> Reached | None:
        """None if nothing is reached."""
        if not self._touched:
            return None
        match self._way:
            case 'pairs':
                return self._pairs()
            case 'first':
                ids = self._firsts()
                rows = self._recipe.rows(self._first_only(self._after, ids))
                return Reached(holding(self._view, ids, self._recipe.keys[0])[0], rows)
            case 'groups':
                return self._groups()
            case 'window':
                return self._window()
            case 'whole':
                return Reached(self._all()[0], self._recipe.rows(self._after))

    def _pairs(self) -> Reached:
        held = [np.empty(0, np.int64)]
        for key, table_id in self._recipe.id_keys or ():
            if table_id in self._touched:
                held.append(holding(self._view, self._touched[table_id].ids, key)[0])
        nothing = buffers.no_rows(self._recipe.arrow_schema)
        rows = pa.concat_tables([nothing, *self._of_changed(self._after, 'new_rows', self._recipe.spec)])
        if len(self._touched) > 1:  # a pair of two rows that changed came twice
            ids = np.stack([buffers.numbers(pc.fill_null(rows.column(key), 0)) for key in self._recipe.keys])
            rows = rows.take(buffers.positions(np.sort(np.unique(ids, axis=1, return_index=True)[1])))
        return Reached(np.unique(np.concatenate(held)), rows)

    def _of_changed(self, tables: Tables, rows: str, query: QuerySpec) -> Iterator[pa.Table]:
        """The rows that a query makes of each table that changed, of which there is nothing else than what did."""
        for table_id, touched in self._touched.items():
            changed: Source = getattr(touched, rows)
            if changed.contents.segments:
                yield self._recipe.rows({**tables, table_id: changed}, with_rows_of(query, table_id))

    def _firsts(self) -> _Integers:
        """The ids of the rows of the first table that changed, or that are or were joined with one that did."""
        spec, tables = self._recipe.core, self._recipe.tables
        found = [np.empty(0, np.int64)]
        if tables[0] in self._touched:
            touched = self._touched[tables[0]]
            new = touched.after.fetch([ROW_ID_FIELD], touched.new).column(ROW_ID_FIELD)
            found += [touched.ids, buffers.numbers(new)]
        source = spec.source
        assert isinstance(source, TableSource)
        row_id = Output('first', row_id_ref(source))
        for number, table_id in enumerate(tables[1:]):
            if table_id not in self._touched:
                continue
            last = spec.joins[number]
            joins = (*spec.joins[:number], replace(last, how='inner') if last.how == 'left' else last)
            query = QuerySpec(source, joins, (row_id,))
            touched = self._touched[table_id]
            for state, changed in ((self._before, touched.old_rows), (self._after, touched.new_rows)):
                found.append(buffers.numbers(self._recipe.rows({**state, table_id: changed}, query).column(0)))
        return np.unique(np.concatenate(found))

    def _first_only(self, tables: Tables, ids: _Integers) -> Tables:
        """The tables with only these rows in the first one."""
        first = self._recipe.tables[0]
        return {**tables, first: of_ids(tables[first], ids)}

    def _groups(self) -> Reached:
        recipe, context = self._recipe, self._recipe.engine.context
        if not recipe.keys:
            return Reached(self._all()[0], recipe.rows(self._after))
        positions, held = self._all()
        if is_mergeable(recipe) and not any(len(each.ids) for each in self._touched.values()):
            new = list(self._of_changed(self._after, 'new_rows', recipe.spec))
            if len(new) == 1:
                places = among(context, held, new[0], recipe.keys)
                old = self._view.fetch(recipe.fields, positions[places])
                return Reached(positions[places], added(recipe, old, new[0]))
        query = recipe.keys_alone
        assert query is not None
        groups = self._groups_touched(query)
        inside = in_groups(recipe.core, query.outputs or (), groups, context.zone)
        rows = recipe.rows(self._after, with_grouping(recipe.spec, inside))
        rows = rows.take(buffers.positions(among(context, rows, groups, recipe.keys)))
        return Reached(positions[among(context, held, groups, recipe.keys)], rows)

    def _groups_touched(self, query: QuerySpec) -> pa.Table:
        """The keys of the groups in which changed rows are or were; `query` gives those of all."""
        if any(join.how == 'left' for join in query.joins):
            ids = self._firsts()
            states = (self._first_only(state, ids) for state in (self._before, self._after))
            found = [self._recipe.rows(tables, query) for tables in states]
        else:
            found = [
                *self._of_changed(self._before, 'old_rows', query),
                *self._of_changed(self._after, 'new_rows', query),
            ]
        nothing = buffers.no_rows(self._view.arrow_schema([key.name or '' for key in query.outputs or ()]))
        return pa.concat_tables([nothing, *(rows.cast(nothing.schema) for rows in found)])

    def _window(self) -> Reached:
        """Unless a row of it went or moved, or there are no others, the first rows are among them and those that changed."""
        recipe, spec = self._recipe, self._recipe.spec
        (table_id,) = recipe.tables
        touched = self._touched[table_id]
        positions, held = self._all()
        ids = buffers.numbers(held.column(recipe.keys[0]))
        choosing = recipe.reads(touched.after, [*spec.predicates, *(key.node for key in spec.order_by)])
        moved = touched.found.updated[touched.found.in_any(choosing)]
        if len(positions) == spec.limit and np.isin(ids, np.concatenate([touched.found.deleted, moved])).any():
            return Reached(positions, recipe.rows(self._after))
        new = touched.after.fetch([ROW_ID_FIELD], touched.new).column(ROW_ID_FIELD)
        competing = of_ids(touched.after, np.union1d(ids, buffers.numbers(new)))
        return Reached(positions, recipe.rows({table_id: competing}))

    def _all(self) -> tuple[_Integers, pa.Table]:
        """The positions of all rows of the view, and their keys."""
        rows = pa.concat_tables(list(self._view.read([POSITION, *self._recipe.keys])))
        return buffers.numbers(rows.column(POSITION)), rows.select(list(self._recipe.keys))
