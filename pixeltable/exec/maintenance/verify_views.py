"""Compares what a view of a query holds with what the query gives now: exactly, but for numbers that a machine may round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable._support.words import counted, shown
from pixeltable.errors import Error
from pixeltable.exec.differences.cells import differing
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.findings import REPAIR, Findings, WrongRows
from pixeltable.exec.maintenance.purge_results import is_built_in
from pixeltable.exec.maintenance.verify_derived import same
from pixeltable.exec.query_documents import every_node
from pixeltable.exec.source import Source
from pixeltable.exec.views.alike import pairs
from pixeltable.exec.views.recipe import Recipe
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Call
from pixeltable.exprs.visit import walk
from pixeltable.types import buffers
from pixeltable.types.arrow import decode
from pixeltable.udf.function import Function

_Integers = NDArray[np.int64]

NAMED = 3
"""Rows of each kind that a problem names."""


def check_query(engine: Engine, label: str, source: Source, found: Findings, *, may_call: bool) -> None:
    """Looks at all rows of a view that follows a query. Notes why a query is not run: it cannot be, or gives other values each
    time, or would call functions other than methods of values, unless it `may_call` them."""
    view = source.schema.table.view
    if view is None or view.query is None or view.at is not None:
        return
    try:
        recipe = Recipe.of(engine, source.schema)
        reason = _reason_not_to_run(recipe, may_call)
        if reason is not None:
            found.note(f'view {label!r} was not compared: {reason}')
            return
        wanted = recipe.rows({base: engine.source(base, source.contents.commit) for base in view.sources})
    except Error as error:
        found.note(f'view {label!r} cannot be compared with its query here: {error.message}')
        return
    try:
        held = pa.concat_tables(list(source.read([ROW_ID_FIELD, *recipe.fields])))
    except Error:
        return  # a file that cannot be read, which has its own problem
    found.cells += wanted.num_rows * len(recipe.fields)
    compared = _Compared.of(engine, recipe, held, wanted)
    if compared.count:
        rows = '; '.join(compared.in_words())
        what = f'it differs from its query in {counted(compared.count, "row")}: {rows}'
        found.problem(label, what, REPAIR, cause=WrongRows(source.schema.table.id))


def _reason_not_to_run(recipe: Recipe, may_call: bool) -> str | None:
    calls = (each for node in every_node(recipe.spec) for each in walk(node) if isinstance(each, Call))
    functions = [cast(Function, call.function) for call in calls]
    if not all(function.is_deterministic for function in functions):
        return 'a function of its query gives other values each time'
    if not may_call and not all(map(is_built_in, functions)):
        return 'its query would call functions, and sample is 0'
    return None


@dataclass(frozen=True, slots=True)
class _Compared:
    """The rows that a view holds, and those that its query gives; `both` are the places of those with the same keys, `differing`
    says for each column, by its field, which of them differ."""

    engine: Engine
    recipe: Recipe
    held: pa.Table
    wanted: pa.Table
    both: tuple[_Integers, _Integers]
    differing: dict[str, NDArray[np.bool_]]

    @staticmethod
    def of(engine: Engine, recipe: Recipe, held: pa.Table, wanted: pa.Table) -> _Compared:
        at_held, at_wanted = pairs(engine.context, held, wanted, recipe.keys)
        # A key that is there twice is one of a row too many.
        at_wanted, first = np.unique(at_wanted, return_index=True)
        both = at_held[first], at_wanted
        left, right = held.take(buffers.positions(both[0])), wanted.take(buffers.positions(both[1]))
        masks = {name: _differing(engine, recipe, name, left, right) for name in recipe.fields}
        return _Compared(engine, recipe, held, wanted, both, masks)

    @property
    def _changed(self) -> _Integers:
        return np.flatnonzero(np.logical_or.reduce(list(self.differing.values())))

    @property
    def _surplus(self) -> _Integers:
        return np.delete(np.arange(self.held.num_rows), self.both[0])

    @property
    def _missing(self) -> _Integers:
        return np.delete(np.arange(self.wanted.num_rows), self.both[1])

    @property
    def count(self) -> int:
        return len(self._changed) + len(self._surplus) + len(self._missing)

    def in_words(self) -> Iterator[str]:
        """Some of the rows, of each kind."""
        for place in self._changed[:NAMED]:
            name = next(name for name, mask in self.differing.items() if mask[place])
            old, new = (
                self._value(table, name, int(where[place]))
                for table, where in zip((self.held, self.wanted), self.both, strict=True)
            )
            column = self.recipe.by_field[name].name
            yield f'{self._row(int(self.both[0][place]))} has {shown(old)} as {column!r} instead of {shown(new)}'
        yield from (f'{self._row(int(place))} is not in the result' for place in self._surplus[:NAMED])
        yield from (f'the one with {self._keys(self.wanted, int(place))} is missing' for place in self._missing[:NAMED])

    def _row(self, place: int) -> str:
        return f'row {self._id(place)} ({self._keys(self.held, place)})'

    def _id(self, place: int) -> int:
        return int(self.held.column(ROW_ID_FIELD)[place].as_py())

    def _keys(self, rows: pa.Table, place: int) -> str:
        """What tells a row from the others, in words."""
        outputs = {output.name or '': output.node for output in self.recipe.spec.outputs or ()}
        named = ((display(outputs[name]), shown(self._value(rows, name, place))) for name in self.recipe.keys)
        return ', '.join(f'{name} = {value}' for name, value in named) or 'all rows in one'

    def _value(self, rows: pa.Table, name: str, place: int) -> Any:
        type_ = self.recipe.by_field[name].type
        return decode(rows.column(name).slice(place, 1), type_, self.engine.context.zone)[0]


def _differing(engine: Engine, recipe: Recipe, name: str, left: pa.Table, right: pa.Table) -> NDArray[np.bool_]:
    """Which rows differ in a column; of those that do not agree bit by bit, each value is looked at."""
    mask = differing(left.column(name), right.column(name))
    places = np.flatnonzero(mask)
    if len(places):
        type_, zone = recipe.by_field[name].type, engine.context.zone
        stored, now = (decode(rows.column(name).take(buffers.positions(places)), type_, zone) for rows in (left, right))
        mask[places] = [not same(a, b, type_) for a, b in zip(stored, now, strict=True)]
    return mask
