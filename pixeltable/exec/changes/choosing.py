"""Which cells are computed again: by segment and column, all of them or some rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pixeltable.catalog.jobs import Only
from pixeltable.catalog.records import ColumnRecord
from pixeltable.errors import Error, NotFoundError, RequestError
from pixeltable.exec.changes.matching import Positions, by_segment, matching
from pixeltable.exec.changes.pending import missing_inputs
from pixeltable.exec.differences.segments import live_mask
from pixeltable.exec.engine import Engine
from pixeltable.exec.scan_columns import PENDING
from pixeltable.exec.source import Source
from pixeltable.exec.staleness import staleness
from pixeltable.exprs.bind import property_field
from pixeltable.exprs.build import operation
from pixeltable.exprs.nodes import Field, Node
from pixeltable.plan.dependencies import affected, in_order
from pixeltable.storage.places import locate
from pixeltable.types.column_type import STRING

Rows = Positions | None
"""Positions in a segment; None for all rows."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asked to compute again: `columns`, by default all that `only` concerns, where all `predicates` are true."""

    columns: tuple[ColumnRecord, ...]
    predicates: tuple[Node, ...] = ()
    only: Only = 'all'
    cascade: bool = True


class Chosen:
    """The cells to compute again, by the number of their segment and the id of their column.

    `left_out` says of columns that would be among them, by id, why they cannot be computed.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.left_out: dict[int, Error] = {}
        self.segments: dict[int, dict[int, Rows]] = {}

    def add(self, index: int, column_ids: Iterable[int], rows: Rows) -> None:
        """Adds the cells of some columns in a segment."""
        chosen = self.segments.setdefault(index, {})
        for column_id in column_ids:
            if rows is None or chosen.get(column_id, rows) is None:
                chosen[column_id] = None
            else:
                before = chosen.get(column_id)
                chosen[column_id] = rows if before is None or before is rows else np.union1d(before, rows)

    def is_whole(self, index: int) -> bool:
        """Whether all chosen columns of a segment are computed for all rows."""
        return all(rows is None for rows in self.segments[index].values())

    def rows(self, index: int, column_id: int) -> Positions:
        """The rows of a segment for which a column is computed."""
        rows = self.segments[index][column_id]
        return np.flatnonzero(live_mask(self.source.contents.segments[index])) if rows is None else rows

    @property
    def column_ids(self) -> set[int]:
        return {column_id for columns in self.segments.values() for column_id in columns}


def choose(engine: Engine, source: Source, request: Request, within: Sequence[Node] = ()) -> Chosen:
    """The cells that `request` means, with those that depend on them, and those that they need and that are pending.

    Columns that cannot be computed are left out if the request names none; else whoever computes them gets the error. `within`
    are more conditions on the rows, over the fields of `source`.
    """
    conditions = [*(engine.resolver.bind(source.schema, node) for node in request.predicates), *within]
    find = _FINDERS[request.only]
    chosen = Chosen(source)
    problems = {} if request.columns else _problems(engine, source)
    for column, index, rows in find(engine, source, request, conditions):
        if column.id in problems:
            chosen.left_out[column.id] = problems[column.id]
        else:
            chosen.add(index, [column.id], rows)
    if request.cascade:
        _with_dependents(chosen, problems)
    for index in chosen.segments:
        _with_pending(chosen, index)
    return chosen


def concerned(engine: Engine, source: Source, only: Only) -> list[ColumnRecord]:
    """The columns that a request without columns is about, without those that cannot be computed."""
    if only == 'stale':
        return [each.record for each in staleness(engine, source).values() if each.own and each.record.stored]
    with_errors, problems = _with_errors(source), _problems(engine, source)
    return [column for column in _stored(source) if column.id in with_errors and column.id not in problems]


_Found = Iterable[tuple[ColumnRecord, int, Rows]]


def _all(engine: Engine, source: Source, request: Request, conditions: Sequence[Node]) -> _Found:
    if not conditions:
        for index, segment in enumerate(source.contents.segments):
            if segment.live_rows:
                yield from ((column, index, None) for column in request.columns)
        return
    positions = matching(engine, source, conditions)
    for index, _, inside in by_segment(source, positions):
        yield from ((column, index, inside) for column in request.columns)


def _errors(engine: Engine, source: Source, request: Request, conditions: Sequence[Node]) -> _Found:
    with_errors = _with_errors(source)
    for column in request.columns or _stored(source):
        if column.id in with_errors:
            positions = matching(engine, source, [*conditions, *has_failed(column)])
            yield from ((column, index, inside) for index, _, inside in by_segment(source, positions))


def _stale(engine: Engine, source: Source, request: Request, conditions: Sequence[Node]) -> _Found:
    found = staleness(engine, source)
    wanted = [found[column.id] for column in request.columns or _stored(source) if found[column.id].own]
    if not wanted or not conditions:
        yield from (
            (stale.record, index, None) for stale in wanted for index in sorted(stale.own) if _has_rows(source, index)
        )
        return
    positions = matching(engine, source, conditions)
    for index, _, inside in by_segment(source, positions):
        yield from ((stale.record, index, inside) for stale in wanted if index in stale.own)


_FINDERS: dict[Only, Callable[[Engine, Source, Request, Sequence[Node]], _Found]] = {
    'all': _all,
    'errors': _errors,
    'stale': _stale,
}


def has_failed(column: ColumnRecord) -> list[Node]:
    """The conditions that the cell of a row failed, and is not just yet to be computed."""
    failed = Field(STRING.with_nullable(True), property_field(column.id, 'errortype'))
    return [operation('ne', failed, None), operation('ne', failed, PENDING['errortype'])]


def _stored(source: Source) -> list[ColumnRecord]:
    return [column for column in in_order(source.schema) if column.stored]


def _with_errors(source: Source) -> set[int]:
    """The columns of which some segment has cells that failed."""
    return {-column_id for segment in source.contents.segments for column_id in locate(segment) if column_id < 0}


def _problems(engine: Engine, source: Source) -> dict[int, Error]:
    """Why columns cannot be computed, by id."""
    found: dict[int, Error] = {}
    for column in _stored(source):
        try:
            engine.resolver.computed(source.schema, column)
        except (NotFoundError, RequestError) as error:
            found[column.id] = error
    return found


def _has_rows(source: Source, index: int) -> bool:
    return source.contents.segments[index].live_rows > 0


def _with_dependents(chosen: Chosen, problems: Mapping[int, Error]) -> None:
    schema = chosen.source.schema
    reached = {column.id for column in affected(schema, chosen.column_ids)}
    chosen.left_out |= {column_id: error for column_id, error in problems.items() if column_id in reached}
    dependents = {id_: [column.id for column in affected(schema, [id_], problems)] for id_ in chosen.column_ids}
    for index, columns in chosen.segments.items():
        for column_id, rows in list(columns.items()):
            chosen.add(index, dependents[column_id], rows)


def _with_pending(chosen: Chosen, index: int) -> None:
    """A column file covers a whole segment: a column that has none is computed for all rows, with what it reads and has none."""
    source = chosen.source
    segment, columns = source.contents.segments[index], chosen.segments[index]
    if not source.pending(segment):
        return
    records = [column for column in in_order(source.schema) if column.id in columns]
    missing = missing_inputs(source, segment, records)
    if missing or source.pending(segment) & columns.keys():
        chosen.add(index, {*columns, *missing}, None)
