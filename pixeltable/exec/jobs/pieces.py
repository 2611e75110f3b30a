"""Which rows of which segments a part of a job computes, and which columns of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyarrow as pa

from pixeltable.catalog.jobs import JobRecord
from pixeltable.catalog.records import ColumnRecord, Segment
from pixeltable.exec.changes.backfill import input_fields
from pixeltable.exec.changes.choosing import Only, Request, choose
from pixeltable.exec.changes.matching import Positions
from pixeltable.exec.changes.pending import missing_inputs, with_missing
from pixeltable.exec.changes.recompute import patterns
from pixeltable.exec.differences.segments import live_mask
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.units import Unit, lacking
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.exprs.build import operation
from pixeltable.exprs.nodes import Field
from pixeltable.plan.dependencies import in_order
from pixeltable.types.column_type import INT


@dataclass(frozen=True, slots=True)
class Piece:
    """Live rows of one segment, by their positions in it, and what is to be computed for them."""

    index: int
    segment: Segment
    inside: Positions
    columns: tuple[ComputedColumn, ...]

    @property
    def is_whole(self) -> bool:
        return len(self.inside) == self.segment.live_rows

    def read(self, source: Source) -> pa.Table:
        """The rows with their ids and all that is read to compute them."""
        inputs = input_fields(source, self.columns)
        fields = [ROW_ID_FIELD, *(name for name in inputs if name != ROW_ID_FIELD)]
        if self.is_whole:
            return source.read_segment(self.index, self.segment, fields)
        return source.fetch(fields, self.inside + source.offsets[self.index])


def pieces(engine: Engine, source: Source, job: JobRecord, unit: Unit) -> list[Piece]:
    """What is to be computed in a part of a job as the table is now; nothing if it is done."""
    if not job.is_again:
        return list(_missing(engine, source, job, unit))
    return list(_again(engine, source, job, unit))


def _missing(engine: Engine, source: Source, job: JobRecord, unit: Unit) -> Iterator[Piece]:
    """All live rows of the segments that lack columns of the job."""
    for index, segment in enumerate(source.contents.segments):
        if segment.min_id < unit.low or segment.max_id > unit.high or not segment.live_rows:
            continue
        ids = lacking(source, segment, job)
        wanted = [column for column in in_order(source.schema) if column.id in ids]
        if wanted:
            yield _whole(engine, source, index, wanted)


def _again(engine: Engine, source: Source, job: JobRecord, unit: Unit) -> Iterator[Piece]:
    """The rows that the job means; of a segment that lacks something to compute them from, all rows."""
    columns = tuple(column for column in in_order(source.schema) if column.id in job.spec.columns)
    if not columns:
        return
    predicates = tuple(engine.resolver.decode(source.schema, each) for each in job.spec.where)
    row_id = Field(INT, ROW_ID_FIELD)
    within = [operation('ge', row_id, unit.low), operation('le', row_id, unit.high)]
    request = Request(columns, predicates, cast(Only, job.spec.only), job.spec.cascade)
    chosen = choose(engine, source, request, within)
    for column_ids, places in patterns(chosen, list(chosen.segments)).items():
        wanted = [column for column in in_order(source.schema) if column.id in column_ids]
        for index, inside in places:
            yield Piece(index, source.contents.segments[index], inside, _resolved(engine, source, wanted, ()))


def _whole(engine: Engine, source: Source, index: int, wanted: Sequence[ColumnRecord]) -> Piece:
    segment = source.contents.segments[index]
    columns = _resolved(engine, source, wanted, missing_inputs(source, segment, wanted))
    return Piece(index, segment, np.flatnonzero(live_mask(segment)), columns)


def _resolved(
    engine: Engine, source: Source, wanted: Sequence[ColumnRecord], missing: Collection[int]
) -> tuple[ComputedColumn, ...]:
    columns = [engine.resolver.computed(source.schema, column) for column in wanted]
    return tuple(with_missing(engine, source, columns, missing))
