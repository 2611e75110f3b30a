"""What a view has to become when its base changes: rows that go, rows that are computed again in part, and new ones.

A row of a view stays, with its id and all of its cells, as long as the view has it and nothing that these are computed from has
changed. So no function is called again for what it was called for before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.changes import SchemaIs
from pixeltable.catalog.views import LEVEL
from pixeltable.exec.changes.matching import by_segment
from pixeltable.exec.changes.new_segments import NewSegment, new_segments
from pixeltable.exec.differences.cells import differing
from pixeltable.exec.engine import Engine
from pixeltable.exec.inherited import BASE_FIELD
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.views.choosing import view_rows
from pixeltable.exec.views.definition import Definition
from pixeltable.exec.views.difference import Difference, difference
from pixeltable.exec.views.holding import holding
from pixeltable.exec.views.refreshed import Refreshed, rewritten
from pixeltable.types import buffers

_Integers = NDArray[np.int64]


class Refresh:
    """Makes of a view over one state of its base the view over another one, `base`."""

    def __init__(self, engine: Engine, view: Source, base: Source, abort: bool | None) -> None:
        self._engine = engine
        self._view = view
        self._base = base
        self._abort = abort
        self._definition = Definition.of(engine, view.schema)
        self._refreshed = Refreshed(Outcome('refresh'))

    def carry_out(self) -> Refreshed:
        """Computes and stores what the view lacks; the commit is the caller's."""
        definition, view = self._definition, self._view
        assert view.base is not None
        found = difference(view.base, self._base, sorted(each - LEVEL for each in definition.reads))
        again = found.in_any(each - LEVEL for each in definition.choosing)
        positions, bases = holding(view, np.concatenate([found.deleted, found.updated]))
        gone = np.isin(bases, found.deleted)
        asked = np.isin(bases, found.updated[again])
        remaining, fresh = self._matched(found.places[again], positions[asked])
        kept = positions[~gone & ~asked]
        kept = np.sort(np.concatenate([kept, remaining]))
        outdated = self._outdated(found, kept)
        dropped = np.setdiff1d(positions, kept, assume_unique=True)
        self._refreshed.outcome.deleted += len(dropped)
        self._refreshed.remove(view, np.sort(np.concatenate([dropped, outdated])))
        self._rewrite(found, outdated)
        self._insert(found.inserted, fresh)
        schema = view.schema.table
        self._refreshed.requirements.append(SchemaIs(schema.id, schema.schema_version))
        return self._refreshed

    def _matched(self, places: _Integers, positions: _Integers) -> tuple[_Integers, pa.Table | None]:
        """Of rows of the view whose base rows have to be asked again: the positions of those that stay, and the rows to add."""
        if not len(places):
            return positions[:0], None
        engine, outcome = self._engine, self._refreshed.outcome
        tables = list(view_rows(engine, self._definition, self._base, places, self._abort, outcome))
        rows = pa.concat_tables(tables) if tables else None
        if rows is None or not rows.num_rows:
            return positions[:0], None
        if not len(positions):
            return positions, rows
        outputs = self._definition.iteration.outputs if self._definition.iteration is not None else ()
        old = self._view.fetch([BASE_FIELD, *outputs], positions)
        old_places, new_places = _pairs(old, rows, outputs)
        if outputs:
            one = old.select(list(outputs)).take(buffers.positions(old_places))
            other = rows.select(list(outputs)).take(buffers.positions(new_places))
            same = ~np.logical_or.reduce([differing(one.column(name), other.column(name)) for name in outputs])
            old_places, new_places = old_places[same], new_places[same]
        new = np.setdiff1d(np.arange(rows.num_rows), new_places)
        return positions[old_places], rows.take(buffers.positions(new)) if len(new) else None

    def _outdated(self, found: Difference, kept: _Integers) -> _Integers:
        """The rows among `kept` of which own columns are computed from what has changed."""
        read = [column for column in found.changed if self._definition.computes_from(column + LEVEL)]
        if not read or not len(kept):
            return kept[:0]
        bases = buffers.numbers(self._view.fetch([BASE_FIELD], kept).column(BASE_FIELD))
        return kept[np.isin(bases, found.updated[found.in_any(read)])]

    def _rewrite(self, found: Difference, positions: _Integers) -> None:
        if not len(positions):
            return
        after = Source(self._view.schema, self._view.contents, self._view.store, self._base)
        own = [name for name, column in after.columns.items() if column.column_id < LEVEL]
        names = list(dict.fromkeys([*own, *(name for name in self._definition.inputs if name in after.columns)]))
        rows = after.fetch(names, positions)
        bases = buffers.numbers(rows.column(BASE_FIELD))
        order = np.argsort(found.updated, kind='stable')
        spots = order[np.searchsorted(found.updated, bases, sorter=order)]
        changed = {column + LEVEL: found.changed[column][spots] for column in found.changed}
        outcome = self._refreshed.outcome
        segments = rewritten(
            self._engine, after, positions, rows, changed, self._definition.affected, self._abort, outcome
        )
        self._refreshed.changes += segments

    def _insert(self, places: _Integers, fresh: pa.Table | None) -> None:
        self._refreshed.insert(self._view, self._inserted(places))
        if fresh is not None:
            schema, outcome = self._view.schema, self._refreshed.outcome
            self._refreshed.insert(self._view, new_segments(self._engine, schema, [fresh], self._abort, outcome))

    def _inserted(self, places: _Integers) -> list[NewSegment]:
        """The rows for new rows of the base. An attempt that finds the same ones as the last need not compute again."""
        if not len(places):
            return []
        schema = self._view.schema
        key = ('inserted', schema.table.id, schema.version, _identity(self._base, places))
        memory = self._engine.context.operation.memory
        if key not in memory:
            done = Outcome('refresh')
            rows = view_rows(self._engine, self._definition, self._base, places, self._abort, done)
            memory[key] = new_segments(self._engine, schema, rows, self._abort, done), done
        segments, done = memory[key]
        self._refreshed.outcome.add(done)
        return list(segments)


def _pairs(old: pa.Table, new: pa.Table, outputs: tuple[str, ...]) -> tuple[_Integers, _Integers]:
    """The rows of both tables that come from the same row of the base and, with an iterator, have the same place in it."""
    keys = [BASE_FIELD, *outputs[:1]]  # `pos` is the first output
    one, other = (np.rec.fromarrays([buffers.numbers(table.column(name)) for name in keys]) for table in (old, new))
    _, at_old, at_new = np.intersect1d(one, other, assume_unique=True, return_indices=True)
    return at_old, at_new


def _identity(source: Source, places: _Integers) -> Any:
    """Equal for the same rows with the same values."""
    own = [(segment.min_id, segment.files, inside.tobytes()) for _, segment, inside in by_segment(source, places)]
    files = tuple((low, tuple((file.path, file.checksum) for file in held), inside) for low, held, inside in own)
    if source.base is None:
        return files
    return files, _identity(source.base, np.arange(source.base.offsets[-1]))
