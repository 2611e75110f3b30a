"""Computes columns for rows that are stored already: one more file a segment, nothing rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import NewFile
from pixeltable.exec.changes.computed_before import ROWS_AT_ONCE, ComputedBefore, Places, Reused
from pixeltable.exec.compute import Errors
from pixeltable.exec.differences.segments import live_mask
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import Splitter, computed, has_calls
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.scan_columns import ERRORS
from pixeltable.exec.segments import with_deleted_rows, write
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import ROW_ID_FIELD, fields


def backfill(
    engine: Engine, source: Source, columns: Sequence[ComputedColumn], abort: bool | None, outcome: Outcome
) -> dict[int, NewFile]:
    """A new file with `columns` for each segment of `source`, by segment id. Batches reach over segments."""
    context, operation = engine.context, engine.context.operation
    inputs = input_fields(source, columns)
    if context.backend is not None and source.base is None and has_calls(columns):
        operation.progress.expect(source.contents.row_count)
        done = context.backend.backfill(source, columns, inputs, abort, operation.progress.calls)
        return _counted(operation.timings.elsewhere(done), columns, outcome)
    files: dict[int, NewFile] = {}
    table = source.schema.table
    timings = operation.timings
    rows = timings.each('read', source.read(inputs))
    results = Splitter(computed(context, source.schema, rows, columns, abort, source.contents.row_count))
    for index, segment in enumerate(source.contents.segments):
        live, errors = results.take(segment.live_rows)
        outcome.count(list(columns), segment.live_rows, errors)
        whole, errors = with_deleted_rows(source, index, segment, live, errors)
        records = [column.current_record for column in columns]
        with timings.own('write', segment.rows):
            files[segment.id] = write(engine.context.store, table, whole, records, errors)
    return files


def _counted(
    done: Iterable[tuple[int, NewFile, int, Errors]], columns: Sequence[ComputedColumn], outcome: Outcome
) -> dict[int, NewFile]:
    files: dict[int, NewFile] = {}
    for segment_id, file, rows, errors in done:
        outcome.count(list(columns), rows, errors)
        files[segment_id] = file
    return files


def backfill_rest(
    engine: Engine, source: Source, column: ComputedColumn, before: ComputedBefore, abort: bool | None, outcome: Outcome
) -> dict[int, NewFile]:
    """Like `backfill`, but computes only the rows that an attempt `before` has not computed from the same inputs."""
    files: dict[int, NewFile] = {}
    table = source.schema.table
    inputs = input_fields(source, [column])
    reused = Reused(before, source, inputs)
    known = [reused.places(index) for index in range(len(source.contents.segments))]
    missing = sum(int(np.count_nonzero(places < 0)) for places in known)
    results = Splitter(
        computed(engine.context, source.schema, _missing(source, inputs, known), [column], abort, missing)
    )
    for index, segment in enumerate(source.contents.segments):
        count = int(np.count_nonzero(known[index] < 0))
        new, errors = results.take(count) if count else (pa.table({column.field: pa.nulls(0)}), {})
        outcome.count([column], count, errors)
        live, errors = reused.merged(column.record, known[index], new, errors)
        whole, errors = with_deleted_rows(source, index, segment, live, errors)
        files[segment.id] = write(engine.context.store, table, whole, [column.current_record], errors)
    return files


def _missing(source: Source, inputs: Sequence[str], known: Sequence[Places]) -> Iterator[pa.Table]:
    """The rows whose places are not known."""
    for index, places in enumerate(known):
        live = np.flatnonzero(live_mask(source.contents.segments[index]))
        positions = live[places < 0] + source.offsets[index]
        for start in range(0, len(positions), ROWS_AT_ONCE):
            yield source.fetch(inputs, positions[start : start + ROWS_AT_ONCE])


def input_fields(source: Source, columns: Sequence[ComputedColumn]) -> list[str]:
    """The stored fields that `columns` read, with the errors of those that are computed themselves."""
    produced = {column.field for column in columns}
    read = dict.fromkeys(name for column in columns for name in fields(column.node) if name not in produced)
    errors = (f'{name}_{part}' for name in read for part in (*ERRORS, 'input'))
    return [*read, *(name for name in errors if name in source.columns)] or [ROW_ID_FIELD]
