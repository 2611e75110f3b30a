"""The next version of rows: what depends on changed columns is computed again, everything else is copied, the ids stay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable._support.arrays import distinct
from pixeltable.catalog.changes import AddSegment
from pixeltable.catalog.fingerprints import outdated
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.exec.changes.keys import keys_of
from pixeltable.exec.changes.matching import Positions
from pixeltable.exec.compute import Errors
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import Computed, computed, gathered
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.scan_columns import DETAILS, ERRORS
from pixeltable.exec.segments import write_segment
from pixeltable.exec.source import Source
from pixeltable.exec.vectors import stored_errors
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name, fields, property_field
from pixeltable.plan.dependencies import affected, in_order, readers
from pixeltable.storage.places import locate
from pixeltable.types import buffers

KEPT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """Rows with new values in the columns `changed`, and what made the computed cells that they have from before.

    They have no cells of the columns `pending`: what rewrites a row has to compute those, too.
    """

    rows: pa.Table
    changed: Collection[int]
    made_by: Mapping[int, str | None]
    pending: Collection[int] = ()


class Kept:
    """What attempts computed that lost to other writers, so that no function is called again with the same inputs."""

    def __init__(self) -> None:
        self._known: list[tuple[tuple[str, ...], pa.Table, Computed]] = []
        self._size = 0

    def compute(
        self, engine: Engine, schema: Schema, rows: pa.Table, columns: Sequence[ComputedColumn], abort: bool | None
    ) -> Computed:
        """`rows` with `columns`."""
        prints = tuple(f'{column.record.id} {column.fingerprint}' for column in columns)
        inputs = _inputs(rows, columns)
        for known, before, (results, errors) in self._known:
            if known == prints and before.equals(inputs):
                for column in columns:
                    rows = rows.append_column(results.schema.field(column.field), results.column(column.field))
                return rows, errors
        found = gathered(list(computed(engine.context, schema, iter([rows]), columns, abort, rows.num_rows)))
        results = found[0].select([column.field for column in columns])
        self._size += inputs.nbytes + results.nbytes
        if self._size <= KEPT_BYTES:
            self._known.append((prints, inputs, (results, found[1])))
        return found


def _inputs(rows: pa.Table, columns: Sequence[ComputedColumn]) -> pa.Table:
    read = {name for column in columns for name in fields(column.node)}
    read |= {f'{name}_{part}' for name in read for part in ERRORS}
    found = [name for name in rows.column_names if name in read]
    return rows.select(found or rows.column_names[:1])  # which says how many rows there are


def alike(
    source: Source, positions: Positions
) -> list[tuple[frozenset[int], dict[int, str | None], NDArray[np.int64]]]:
    """Groups of rows of which the same columns are pending, and the other computed cells were made by the same code: the ids of
    these columns, what made the cells of each computed column, and which of `positions` have them."""
    owners = np.searchsorted(source.offsets, positions, side='right') - 1
    groups: dict[tuple[frozenset[int], tuple[tuple[int, str | None], ...]], list[int]] = {}
    for index in distinct(owners).tolist():
        segment = source.contents.segments[index]
        places = locate(segment)
        made = tuple(
            (column.id, places[column.id].fingerprint if column.id in places else None)
            for column in source.schema.computed
        )
        groups.setdefault((source.pending(segment), made), []).append(index)
    if len(groups) == 1:
        (pending, made), _ = groups.popitem()
        return [(pending, dict(made), np.arange(len(positions)))]
    return [
        (pending, dict(made), np.flatnonzero(np.isin(owners, indexes))) for (pending, made), indexes in groups.items()
    ]


def rewrite(
    engine: Engine,
    schema: Schema,
    parts: Sequence[Part],
    *,
    cascade: bool,
    abort: bool | None,
    outcome: Outcome,
    kept: Kept,
) -> list[AddSegment]:
    """Segments with the rows of `parts`: one for those whose cells were made by the same code, so that none is taken for stale
    because of another."""
    groups: dict[frozenset[tuple[int, str | None]], list[Computed]] = {}
    for part in parts:
        again = [engine.resolver.computed(schema, each) for each in _to_compute(schema, part, cascade)]
        rows = _next(engine, schema, part, again, abort, outcome, kept)
        made = {**part.made_by} | {column.record.id: column.fingerprint for column in again}
        for column in readers(schema, part.changed):
            if column.id not in {each.record.id for each in again}:
                made[column.id] = outdated(made.get(column.id))
        groups.setdefault(frozenset(made.items()), []).append(rows)
        given = [column for column in schema.columns if column.id in part.changed]
        outcome.touch([*given, *(column.record for column in again)])
    return [_written(engine, schema, done, dict(made), outcome) for made, done in groups.items()]


def _written(
    engine: Engine, schema: Schema, done: Sequence[Computed], made: Mapping[int, str | None], outcome: Outcome
) -> AddSegment:
    """A segment with rows whose computed cells were made by `made`."""
    rows, errors = _by_id(*gathered(done))
    records = [
        replace(column, fingerprint=made.get(column.id)) if column.is_computed else column
        for column in schema.columns
        if column.stored
    ]
    keys = keys_of(schema, rows)
    with engine.context.operation.timings.own('write', rows.num_rows):
        files = write_segment(engine.context.store, schema.table, rows, records, errors, keys, row_ids=True)
    ids = buffers.numbers(rows.column(ROW_ID_FIELD))
    outcome.row_ids.append(ids)
    return AddSegment(schema.table.id, len(ids), files, (int(ids[0]), int(ids[-1])))


def _to_compute(schema: Schema, part: Part, cascade: bool) -> list[ColumnRecord]:
    """The columns to compute for the rows of a part, each after those that it reads."""
    again = affected(schema, part.changed) if cascade else []
    if not part.pending:
        return again
    wanted = {*part.pending, *(column.id for column in again)}
    return [column for column in in_order(schema) if column.id in wanted]


def _next(
    engine: Engine,
    schema: Schema,
    part: Part,
    again: Sequence[ComputedColumn],
    abort: bool | None,
    outcome: Outcome,
    kept: Kept,
) -> Computed:
    rows = part.rows
    for column in again:
        rows = rows.drop_columns(
            [column.field, *(property_field(column.record.id, name) for name in (*ERRORS, *DETAILS))]
        )
    errors: Errors = {}
    if again:
        rows, errors = kept.compute(engine, schema, rows, again, abort)
    outcome.count(list(again), rows.num_rows, errors)
    fields_ = [ROW_ID_FIELD, *(field_name(column.id) for column in schema.columns if column.stored)]
    return rows.select(fields_), _kept_errors(schema, rows) | errors


def _kept_errors(schema: Schema, rows: pa.Table) -> Errors:
    """The errors of computed columns that are copied, not computed again."""
    fields_ = [field_name(column.id) for column in schema.computed]
    kept = {field: stored_errors(rows, field) for field in fields_}
    return {field: cells for field, cells in kept.items() if cells}


def _by_id(rows: pa.Table, errors: Errors) -> Computed:
    ids = buffers.numbers(rows.column(ROW_ID_FIELD))
    if np.all(ids[1:] > ids[:-1]):
        return rows, errors
    order = np.argsort(ids, kind='stable')
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    moved = {field: {int(places[row]): error for row, error in cells.items()} for field, cells in errors.items()}
    return rows.take(buffers.positions(order)), moved
