"""Which rows two states of a table do not share, and in which columns those differ that they both have.

Segments that both states have are not read, and of the others only the columns that somebody needs. Where the table is a view,
its own segments say only half of it: a row whose base row differs, differs too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.views import LEVEL
from pixeltable.exec.differences.cells import differing
from pixeltable.exec.differences.matching import Matching
from pixeltable.exec.differences.segments import Stretch, stretches
from pixeltable.exec.source import Source
from pixeltable.exec.views.holding import holding
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name, property_field
from pixeltable.types import buffers

_Integers = NDArray[np.int64]

ROWS_AT_ONCE = 131_072


def _none() -> _Integers:
    return np.empty(0, np.int64)


@dataclass(slots=True)
class Difference:
    """`deleted` are ids of rows, `inserted` positions in the state after. `updated` are ids with their positions `places` in the
    state after; `changed` says for each column, by id, which of them have another value."""

    deleted: _Integers = field(default_factory=_none)
    inserted: _Integers = field(default_factory=_none)
    updated: _Integers = field(default_factory=_none)
    places: _Integers = field(default_factory=_none)
    changed: dict[int, NDArray[np.bool_]] = field(default_factory=dict)

    def in_any(self, columns: Iterable[int]) -> NDArray[np.bool_]:
        """Which of the updated rows have another value in one of `columns`."""
        masks = [self.changed[column] for column in columns if column in self.changed]
        return np.logical_or.reduce(masks) if masks else np.zeros(len(self.updated), np.bool_)


def difference(before: Source, after: Source, columns: Sequence[int]) -> Difference:
    """What differs between two states. `columns` are those of which it matters whether they do, by their ids."""
    found = _Finder(before, after, [each for each in columns if each < LEVEL])
    for stretch in stretches(before, after):
        found.look(stretch)
    result = found.result()
    inherited = [each for each in columns if each >= LEVEL]
    if inherited and before.base is not None and after.base is not None:
        below = difference(before.base, after.base, [each - LEVEL for each in inherited])
        result = _with_inherited(result, after, below)
    return result


class _Finder:
    def __init__(self, before: Source, after: Source, columns: Sequence[int]) -> None:
        self._before = before
        self._after = after
        self._columns = columns
        self._result = Difference()
        self._ids: list[_Integers] = [_none()]
        self._places: list[_Integers] = [_none()]
        self._masks: dict[int, list[NDArray[np.bool_]]] = {column: [] for column in columns}
        self._deleted: list[_Integers] = [_none()]
        self._inserted: list[_Integers] = [_none()]

    def look(self, stretch: Stretch) -> None:
        # A column differs, too, if its cells' errors do, which lie apart.
        watched = [*self._columns, *(-column for column in self._columns)]
        matching = Matching(self._before, self._after, stretch, watched)
        for kept in matching.kept():
            self._compare(kept.ids, kept.places, list(dict.fromkeys(abs(column) for column in kept.columns)))
        self._deleted.append(matching.deleted[0])
        self._inserted.append(matching.inserted[1])

    def _compare(self, ids: _Integers, places: tuple[_Integers, _Integers], columns: Sequence[int]) -> None:
        fields = {column: _fields(self._after, column) for column in columns}
        names = [name for each in fields.values() for name in each]
        for start in range(0, len(ids), ROWS_AT_ONCE) if names else ():
            part = slice(start, start + ROWS_AT_ONCE)
            old, new = self._before.fetch(names, places[0][part]), self._after.fetch(names, places[1][part])
            differ = {column: _differ(old, new, each) for column, each in fields.items()}
            rows = np.flatnonzero(np.logical_or.reduce(list(differ.values())))
            if len(rows):
                self._ids.append(ids[part][rows])
                self._places.append(places[1][part][rows])
                for column, masks in self._masks.items():
                    masks.append(differ[column][rows] if column in differ else np.zeros(len(rows), np.bool_))

    def result(self) -> Difference:
        nothing = np.empty(0, np.bool_)
        return Difference(
            np.concatenate(self._deleted),
            np.sort(np.concatenate(self._inserted)),
            np.concatenate(self._ids),
            np.concatenate(self._places),
            {column: np.concatenate([nothing, *masks]) for column, masks in self._masks.items()},
        )


def _fields(source: Source, column: int) -> list[str]:
    """What of a column is compared: its value, and whether its cell failed, or is yet to be computed."""
    names = (field_name(column), property_field(column, 'errortype'))
    return [name for name in names if name in source.columns]


def _differ(old: pa.Table, new: pa.Table, names: Sequence[str]) -> NDArray[np.bool_]:
    masks = [differing(old.column(name), new.column(name)) for name in names]
    return np.logical_or.reduce(masks) if masks else np.zeros(old.num_rows, np.bool_)


def _with_inherited(own: Difference, after: Source, below: Difference) -> Difference:
    """Adds the rows of a view whose base rows were updated."""
    places, bases = holding(after, below.updated)
    old = ~np.isin(places, own.inserted)
    places, bases = places[old], bases[old]
    together = np.union1d(own.places, places)
    order = np.argsort(below.updated, kind='stable')
    made_from = order[np.searchsorted(below.updated, bases, sorter=order)]
    changed = {column: _spread(mask, own.places, together) for column, mask in own.changed.items()}
    for column, mask in below.changed.items():
        changed[column + LEVEL] = _spread(mask[made_from], places, together)
    ids = buffers.numbers(after.fetch([ROW_ID_FIELD], together).column(ROW_ID_FIELD))
    return Difference(own.deleted, own.inserted, ids, together, changed)


def _spread(mask: NDArray[np.bool_], places: _Integers, together: _Integers) -> NDArray[np.bool_]:
    spread = np.zeros(len(together), np.bool_)
    spread[np.searchsorted(together, places)] = mask
    return spread
