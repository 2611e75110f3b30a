"""Computes columns for rows that are stored already: one more file a segment, nothing rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pixeltable.catalog.changes import NewFile
from pixeltable.exec.compute import Errors
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import Splitter, computed, has_calls
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.segments import with_deleted_rows, write
from pixeltable.exec.source import ERRORS, Source
from pixeltable.exprs.bind import ROW_ID_FIELD, fields


def backfill(
    engine: Engine, source: Source, columns: Sequence[ComputedColumn], abort: bool | None, outcome: Outcome
) -> dict[int, NewFile]:
    """A new file with `columns` for each segment of `source`, by segment id. Batches reach over segments."""
    context, operation = engine.context, engine.context.operation
    inputs = input_fields(source, columns)
    if context.backend is not None and has_calls(columns):
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


def input_fields(source: Source, columns: Sequence[ComputedColumn]) -> list[str]:
    """The stored fields that `columns` read, with the errors of those that are computed themselves."""
    produced = {column.field for column in columns}
    read = dict.fromkeys(name for column in columns for name in fields(column.node) if name not in produced)
    errors = (f'{name}_{part}' for name in read for part in (*ERRORS, 'input'))
    return [*read, *(name for name in errors if name in source.columns)] or [ROW_ID_FIELD]
