"""Which stored cells of a table would come out otherwise if they were computed now, and why. Reads the catalog, and no data.

A cell is stale if other code made it (what the catalog says of its file), or if something that it was made from is stale, or has
changed without it. A cell that failed is not stale for that. Where a segment has no file for a column, its cells are yet to be
computed, and not stale.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from pixeltable.catalog.fingerprints import made_by, same_as
from pixeltable.catalog.records import ColumnRecord
from pixeltable.errors import Error
from pixeltable.exec.engine import Engine
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source
from pixeltable.plan.dependencies import in_order
from pixeltable.storage.places import Place, locate


@dataclass(slots=True)
class StaleColumn:
    """What of one computed column is stale; segments by their numbers in the source.

    Attributes:
        column: with the code of now; None if that cannot be had.
        problem: why it cannot.
        held: the segments that have cells of the column.
        by_code: the fingerprints of other code that made cells of a segment.
        outdated: segments in which an input has changed, and the column was not computed again.
        by_input: the columns that a segment's cells were made from and that are stale there.
    """

    record: ColumnRecord
    column: ComputedColumn | None = None
    problem: Error | None = None
    held: set[int] = field(default_factory=set)
    by_code: dict[int, frozenset[str]] = field(default_factory=dict)
    outdated: set[int] = field(default_factory=set)
    by_input: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    @property
    def own(self) -> set[int]:
        """The segments in which the column is stale whatever its inputs are."""
        return self.by_code.keys() | self.outdated


def staleness(engine: Engine, source: Source) -> dict[int, StaleColumn]:
    """The computed columns of a table by id, each after those that it reads."""
    places = [locate(segment) for segment in source.contents.segments]
    found: dict[int, StaleColumn] = {}
    for record in in_order(source.schema):
        stale = found[record.id] = StaleColumn(record)
        stale.held.update(index for index, held in enumerate(places) if record.id in held)
        try:
            stale.column = engine.resolver.computed(source.schema, record)
        except Error as error:
            stale.problem = error
        else:
            _look_at_code(stale, stale.column, places)
        for column_id in record.depends_on:
            if column_id in found:
                _look_at_input(stale, found[column_id])
    return found


def _look_at_code(stale: StaleColumn, column: ComputedColumn, places: list[dict[int, Place]]) -> None:
    current = same_as(column.fingerprint, stale.record.accepted)
    for index in stale.held:
        text = places[index][stale.record.id].fingerprint
        if text == column.fingerprint:
            continue
        made = made_by(text)
        if made.codes - current:
            stale.by_code[index] = made.codes - current
        if made.is_outdated:
            stale.outdated.add(index)


def _look_at_input(stale: StaleColumn, read: StaleColumn) -> None:
    for index in read.own | read.by_input.keys():
        if index in stale.held or not stale.record.stored:
            stale.by_input[index] |= {read.record.id} if read.record.stored else read.by_input[index]
