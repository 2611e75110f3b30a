"""Cells that are yet to be computed, where something in the foreground needs them or their row.

A column file covers a whole segment. So what is computed of a segment is computed for all of its rows, and together with the
columns that it reads and that are pending there: no cell is ever computed from one that is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import ColumnRecord, Segment
from pixeltable.exec.changes.backfill import backfill
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source
from pixeltable.plan.dependencies import in_order, inputs


def missing_inputs(source: Source, segment: Segment, columns: Iterable[ColumnRecord]) -> frozenset[int]:
    """The stored columns that `columns` read and of which the segment has no cells."""
    pending = source.pending(segment)
    return pending & inputs(source.schema, columns) if pending else pending


def backfill_with_inputs(
    engine: Engine, source: Source, columns: Sequence[ComputedColumn], abort: bool | None, outcome: Outcome
) -> dict[int, NewFile]:
    """Like `backfill`; a file also has what `columns` read that is pending in its segment."""
    records = [column.record for column in columns]
    wanted = {record.id for record in records}
    groups: dict[frozenset[int], list[Segment]] = {}
    for segment in source.contents.segments:
        groups.setdefault(missing_inputs(source, segment, records) - wanted, []).append(segment)
    files: dict[int, NewFile] = {}
    for missing, segments in groups.items():
        files |= backfill(engine, source.part(segments), with_missing(engine, source, columns, missing), abort, outcome)
    return files


def with_missing(
    engine: Engine, source: Source, columns: Sequence[ComputedColumn], missing: Collection[int]
) -> list[ComputedColumn]:
    """`columns` and those with the ids `missing`, each after those that it reads. What is not in the schema yet comes last."""
    given = {column.record.id: column for column in columns}
    ordered = [column for column in in_order(source.schema) if column.id in given or column.id in missing]
    known = [
        given.pop(each.id) if each.id in given else engine.resolver.computed(source.schema, each) for each in ordered
    ]
    return [*known, *given.values()]
