"""Computes a few stored cells of each computed column again, and compares: exactly, but for numbers that a machine may round."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import tzinfo
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pixeltable._support.words import counted, shown
from pixeltable.errors import Error
from pixeltable.exec.changes.backfill import input_fields
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.findings import Findings
from pixeltable.exec.media.saving import at
from pixeltable.exec.pipeline import computed, gathered
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import property_field
from pixeltable.exprs.nodes import Call
from pixeltable.exprs.visit import walk
from pixeltable.media.references import stored_name
from pixeltable.storage import deletes
from pixeltable.storage.places import locate
from pixeltable.types import buffers
from pixeltable.types.arrow import decode
from pixeltable.types.column_type import ColumnType, Kind
from pixeltable.udf.function import Function

FLOAT_TOLERANCE = 1e-9
VECTOR_TOLERANCE = {'float16': 1e-2, 'float32': 1e-4}
"""What a model gives for the same text differs with the batch that it is computed in."""


def check_derived(engine: Engine, label: str, source: Source, sample: int, found: Findings) -> None:
    """Looks at `sample` rows. Notes functions that cannot be found; leaves out cells that failed, or that other code made."""
    rows = source.contents.row_count
    columns = [column for column in source.schema.computed if column.stored]
    if not rows or not columns or not sample:
        return
    chosen = np.random.default_rng(0).choice(rows, min(sample, rows), replace=False)
    looked_at = _positions(source, np.sort(chosen))
    for record in columns:
        positions = looked_at[~_is_pending(source, looked_at, record.id)]
        if len(positions) < len(looked_at):
            found.note(f'table {label!r}, column {record.name!r}: some of its cells are not computed yet')
        try:
            column = engine.resolver.computed(source.schema, record)
        except Error as error:
            found.note(f'table {label!r}, column {record.name!r} cannot be computed here: {error.__cause__ or error}')
            continue
        if any(isinstance(n, Call) and not cast(Function, n.function).is_deterministic for n in walk(column.node)):
            found.note(
                f'table {label!r}, column {record.name!r} was not compared: its function gives other values each time'
            )
            continue
        mine = positions[_is_current(source, positions, column)]
        if len(mine) < len(positions):
            found.note(f'table {label!r}, column {record.name!r}: other code than that of now made some of its cells')
        try:
            _compare(engine, label, source, mine, column, found)
        except Error:
            continue  # a file that cannot be read, which has its own problem


def _positions(source: Source, ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    """The positions of the live rows with these numbers."""
    segments = source.contents.segments
    starts = np.cumsum([0, *(segment.live_rows for segment in segments)])
    found = []
    for index, segment in enumerate(segments):
        inside = ranks[(ranks >= starts[index]) & (ranks < starts[index + 1])] - starts[index]
        if segment.deletes is not None:
            inside = np.flatnonzero(deletes.decode(segment.deletes.data, segment.rows))[inside]
        found.append(inside + source.offsets[index])
    return np.concatenate(found)


def _is_current(source: Source, positions: NDArray[np.int64], column: ComputedColumn) -> NDArray[np.bool_]:
    """Which of the rows have a cell that the code of now has made."""
    owners = np.searchsorted(source.offsets, positions, side='right') - 1
    places = [locate(segment).get(column.record.id) for segment in source.contents.segments]
    current = np.array([place is not None and place.fingerprint == column.fingerprint for place in places], np.bool_)
    return current[owners]


def _is_pending(source: Source, positions: NDArray[np.int64], column_id: int) -> NDArray[np.bool_]:
    owners = np.searchsorted(source.offsets, positions, side='right') - 1
    return np.array([column_id in source.pending(each) for each in source.contents.segments], np.bool_)[owners]


def _compare(
    engine: Engine, label: str, source: Source, positions: NDArray[np.int64], column: ComputedColumn, found: Findings
) -> None:
    record = column.record
    failed = property_field(record.id, 'errortype')
    wanted = dict.fromkeys([*input_fields(source, [column]), column.field, failed])
    rows = source.fetch(list(wanted), positions)
    keep = rows.column(failed).is_null()
    positions, rows = positions[buffers.numbers(keep, 'bool')], rows.filter(keep)
    if not rows.num_rows:
        return
    inputs = rows.drop_columns([column.field, failed])
    nowhere = replace(column, record=at(record, None))
    services = replace(engine.context.services, library=engine.context.services.library.looking())
    context = replace(engine.context, services=services)
    again, errors = gathered(list(computed(context, source.schema, iter([inputs]), [nowhere], False, rows.num_rows)))
    zone = engine.context.zone
    stored, now = (_values(table, column, zone) for table in (rows, again))
    failing = errors.get(column.field, {})
    if failing:
        error = next(iter(failing.values()))
        found.note(
            f'table {label!r}, column {record.name!r}: {counted(len(failing), "cell")} cannot be computed now, such as '
            f'{error.errortype}: {error.errormsg}'
        )
    compared = [row for row in range(rows.num_rows) if row not in failing]
    found.cells += len(compared)
    different = [row for row in compared if not same(stored[row], now[row], record.type)]
    if different:
        row = different[0]
        segment, place = _where(source, int(positions[row]))
        found.problem(
            label,
            f'column {record.name!r} holds other values than its expression gives now in {len(different)} of '
            f'{counted(len(compared), "row")} looked at, such as {shown(stored[row])} instead of {shown(now[row])} in row '
            f'{place} of segment {segment}',
            f'use recompute_columns({record.name!r}), or declare its function with is_deterministic=False',
        )


def _values(table: Any, column: ComputedColumn, zone: tzinfo) -> list[Any]:
    """With the names of stored media, which tell their content, instead of their places."""
    values = table.column(column.field)
    if column.record.type.is_media:
        return [each and (stored_name(each) or each) for each in values.to_pylist()]
    return decode(values, column.record.type, zone)


def _where(source: Source, position: int) -> tuple[int, int]:
    index = int(np.searchsorted(source.offsets, position, side='right')) - 1
    return source.contents.segments[index].id, position - int(source.offsets[index])


def same(stored: Any, now: Any, type_: ColumnType) -> bool:
    """Whether two values of a column are the same as far as a machine's arithmetic goes."""
    if stored is None or now is None:
        return stored is now
    if type_.kind is Kind.ARRAY:
        return _same_arrays(stored, now)
    return _same_values(stored, now)


def _same_arrays(stored: NDArray[Any], now: NDArray[Any]) -> bool:
    if stored.shape != now.shape or stored.dtype != now.dtype:
        return False
    if stored.dtype.kind != 'f':
        return bool(np.array_equal(stored, now))
    tolerance = VECTOR_TOLERANCE.get(stored.dtype.name, FLOAT_TOLERANCE)
    a, b = stored.astype(np.float64), now.astype(np.float64)
    largest = float(np.nanmax(np.abs(a), initial=0.0, where=np.isfinite(a)))
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance * largest, equal_nan=True))


def _same_values(stored: Any, now: Any) -> bool:
    if isinstance(stored, dict) and isinstance(now, dict):
        return stored.keys() == now.keys() and all(_same_values(stored[name], now[name]) for name in stored)
    if isinstance(stored, list) and isinstance(now, list):
        return len(stored) == len(now) and all(map(_same_values, stored, now))
    if isinstance(stored, float) and isinstance(now, float):
        is_nan = math.isnan(stored) and math.isnan(now)
        return is_nan or math.isclose(stored, now, rel_tol=FLOAT_TOLERANCE, abs_tol=FLOAT_TOLERANCE)
    return bool(stored == now)
