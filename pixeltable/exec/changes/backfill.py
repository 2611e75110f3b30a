"""Computes columns for rows that are stored already: one more file a segment, nothing rewritten."""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.catalog.changes import NewFile
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import Splitter, computed
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.segments import with_deleted_rows, write
from pixeltable.exec.source import ERRORS, Source
from pixeltable.exprs.bind import ROW_ID_FIELD, fields


def backfill(
    engine: Engine, source: Source, columns: Sequence[ComputedColumn], abort: bool | None, outcome: Outcome
) -> dict[int, NewFile]:
    """A new file with `columns` for each segment of `source`, by segment id. Batches reach over segments."""
    files: dict[int, NewFile] = {}
    table = source.schema.table
    inputs = input_fields(source, columns)
    results = Splitter(computed(engine.context, source.read(inputs), columns, abort, source.contents.row_count))
    for index, segment in enumerate(source.contents.segments):
        live, errors = results.take(segment.live_rows)
        outcome.count(list(columns), segment.live_rows, errors)
        whole, errors = with_deleted_rows(source, index, segment, live, errors)
        records = [column.current_record for column in columns]
        files[segment.id] = write(engine.context.store, table, whole, records, errors)
    return files


def input_fields(source: Source, columns: Sequence[ComputedColumn]) -> list[str]:
    """The stored fields that `columns` read, with the errors of those that are computed themselves."""
    produced = {column.field for column in columns}
    read = dict.fromkeys(name for column in columns for name in fields(column.node) if name not in produced)
    errors = (f'{name}_{part}' for name in read for part in (*ERRORS, 'input'))
    return [*read, *(name for name in errors if name in source.columns)] or [ROW_ID_FIELD]
