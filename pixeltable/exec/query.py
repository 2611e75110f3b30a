"""Runs the stages of a query: each operator takes the stream of tables of the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from pixeltable.errors import ErrorCode, InternalError
from pixeltable.exec.context import Context
from pixeltable.exec.operators.evaluate import evaluate
from pixeltable.exec.operators.search import search
from pixeltable.exec.source import Source
from pixeltable.plan.logical import POSITION
from pixeltable.plan.stages import (
    CountStage,
    EvaluateStage,
    FetchStage,
    ReadStage,
    RelationalStage,
    RenameStage,
    SearchStage,
    SliceStage,
    Stage,
)
from pixeltable.types import buffers

Tables = Iterator[pa.Table]


def run(context: Context, source: Source, stages: Sequence[Stage]) -> Tables:
    """The result as a stream of tables; nothing is read before the first is asked for."""
    stream: Tables | None = None
    for stage, following in zip(stages, (*stages[1:], None), strict=True):
        # DuckDB alone works on dictionaries, and several times as fast as on the texts.
        encoded = isinstance(following, RelationalStage)
        stream = _apply(context, source, stage, stream, encoded)
    if stream is None:
        raise InternalError(ErrorCode.INTERNAL_ERROR, 'a query without stages')
    return stream


def _apply(context: Context, source: Source, stage: Stage, stream: Tables | None, encoded: bool) -> Tables:
    match stage, stream:
        case ReadStage(fields=fields, conditions=conditions), None:
            return _read(context, source.read(fields, conditions, encoded=encoded))
        case CountStage(name=name), None:
            return iter([pa.table({name: buffers.positions(np.array([source.contents.row_count]))})])
        case SearchStage(), _:
            return search(context, source, stage, None if stream is None else _collected(stream, source))
        case RelationalStage(sql=sql), Iterator():
            return _relational(context, sql, stream)
        case EvaluateStage(outputs=outputs), Iterator():
            return evaluate(context, outputs, stream)
        case FetchStage(fields=fields), Iterator():
            return _fetch(source, fields, stream)
        case SliceStage(limit=limit, offset=offset), Iterator():
            return _slice(stream, limit, offset)
        case RenameStage(columns=columns), Iterator():
            return (pa.table({name: table.column(field) for name, field in columns}) for table in stream)
    raise InternalError(ErrorCode.INTERNAL_ERROR, f'{type(stage).__name__} cannot stand here')


def _read(context: Context, tables: Tables) -> Tables:
    for table in context.operation.timings.each('read', tables):
        context.operation.cancellation.check()
        yield table


def _collected(stream: Tables, source: Source) -> pa.Table:
    tables = list(stream)
    return pa.concat_tables(tables) if tables else source.arrow_schema([POSITION]).empty_table()


def _relational(context: Context, sql: str, stream: Tables) -> Tables:
    batches = context.operation.timings.each('sql', context.relational.run(sql, stream))
    return (pa.Table.from_batches([batch]) for batch in batches)


def _fetch(source: Source, fields: Sequence[str], stream: Tables) -> Tables:
    for table in stream:
        fetched = source.fetch(fields, buffers.numbers(table.column(POSITION)))
        for name in fields:
            table = table.append_column(fetched.schema.field(name), fetched.column(name))
        yield table


def _slice(stream: Tables, limit: int | None, offset: int) -> Tables:
    remaining = limit
    for table in stream:
        skipped = min(offset, table.num_rows)
        offset -= skipped
        part = table.slice(skipped, remaining)
        remaining = None if remaining is None else remaining - part.num_rows
        yield part
        if remaining == 0:
            return
