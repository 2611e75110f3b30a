"""Finds the rows that a change applies to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pixeltable._support.arrays import distinct
from pixeltable.catalog.records import Segment
from pixeltable.exec.engine import Engine
from pixeltable.exec.query import run
from pixeltable.exec.source import Source
from pixeltable.exec.window_columns import with_window_columns
from pixeltable.exprs.bind import ROW_ID, ROW_ID_FIELD, fields
from pixeltable.exprs.nodes import Field, Node
from pixeltable.plan.cut import cut
from pixeltable.plan.logical import POSITION, Filter, Named, Project, Scan, ScanColumn
from pixeltable.plan.rules.extract_computations import extract_computations
from pixeltable.plan.rules.prune_columns import prune_columns
from pixeltable.plan.rules.scan_conditions import scan_conditions
from pixeltable.plan.rules.split_filters import split_filters
from pixeltable.types import buffers
from pixeltable.types.column_type import INT

Positions = NDArray[np.int64]


def matching(engine: Engine, source: Source, predicates: Sequence[Node]) -> Positions:
    """The positions of the live rows for which all of `predicates` are true, ascending."""
    needed = {name for predicate in predicates for name in fields(predicate)}
    position = Field(INT, POSITION)
    scan = Scan((*source.columns.values(), ScanColumn(position, ROW_ID)))
    plan = with_window_columns(engine.resolver, source.schema, scan, needed, Field(INT, ROW_ID_FIELD))
    for predicate in predicates:
        plan = Filter(plan, predicate)
    plan = Project(extract_computations(scan_conditions(split_filters(plan))), (Named(POSITION, position),))
    plan = prune_columns(plan)
    found = [buffers.numbers(table.column(POSITION)) for table in run(engine.context, [source], cut(plan))]
    return np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)


def by_segment(source: Source, positions: Positions) -> Iterator[tuple[int, Segment, Positions]]:
    """For each segment that holds some of `positions`: its index, itself, and the positions counted from its start."""
    owners = np.searchsorted(source.offsets, positions, side='right') - 1
    for index in distinct(owners).tolist():
        yield index, source.contents.segments[index], positions[owners == index] - source.offsets[index]
