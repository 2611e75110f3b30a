"""Runs the stages of a query: each operator takes the stream of tables of the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from pixeltable._support.arrays import ascending
from pixeltable.errors import ErrorCode, InternalError
from pixeltable.exec.context import Context
from pixeltable.exec.operators.evaluate import evaluate
from pixeltable.exec.operators.filter import keep
from pixeltable.exec.operators.fold import fold_groups, fold_rows
from pixeltable.exec.operators.search import search
from pixeltable.exec.operators.share import share
from pixeltable.exec.source import Source
from pixeltable.exprs.conditions import without_prefix
from pixeltable.plan.logical import POSITION
from pixeltable.plan.stages import (
    ArrangeStage,
    CombineStage,
    CountStage,
    EvaluateStage,
    FetchStage,
    FilterStage,
    FoldGroupsStage,
    FoldRowsStage,
    ReadStage,
    RelationalStage,
    RenameStage,
    SearchStage,
    ShareStage,
    SliceStage,
    Stage,
)
from pixeltable.types import buffers

Tables = Iterator[pa.Table]


def run(context: Context, tables: Sequence[Source], stages: Sequence[Stage]) -> Tables:
    """The result as a stream of tables; nothing is read before the first is asked for. `tables` are those that stages number."""
    stream: Tables | None = None
    for stage, following in zip(stages, (*stages[1:], None), strict=True):
        # DuckDB alone works on dictionaries, and several times as fast as on the texts.
        encoded = isinstance(following, RelationalStage)
        stream = _apply(context, tables, stage, stream, encoded)
    if stream is None:
        raise InternalError(ErrorCode.INTERNAL_ERROR, 'a query without stages')
    return stream


def _apply(context: Context, sources: Sequence[Source], stage: Stage, stream: Tables | None, encoded: bool) -> Tables:
    match stage, stream:
        case ReadStage(table=table), None:
            return _read(context, sources[table], stage, encoded)
        case CountStage(name=name, table=table), None:
            return iter([pa.table({name: buffers.positions(np.array([sources[table].contents.row_count]))})])
        case CombineStage(inputs=inputs, sql=sql), None:
            feeds = {f'input{index}': run(context, sources, below) for index, below in enumerate(inputs)}
            return _batches(context, context.relational.run_over(sql, feeds))
        case SearchStage(table=table), _:
            source = sources[table]
            return search(context, source, stage, None if stream is None else _collected(stream, source))
        case FilterStage(conditions=conditions), Iterator():
            return context.operation.timings.each('filter', keep(conditions, stream))
        case RelationalStage(sql=sql), Iterator():
            return _batches(context, context.relational.run(sql, stream))
        case ShareStage(), Iterator():
            return share(context, stage, stream)
        case EvaluateStage(outputs=outputs), Iterator():
            return evaluate(context, outputs, stream)
        case FoldGroupsStage(), Iterator():
            return fold_groups(context, stage, stream)
        case FoldRowsStage(), Iterator():
            return fold_rows(context, stage, stream)
        case FetchStage(fields=fields, table=table), Iterator():
            return _fetch(sources[table], fields, stream)
        case ArrangeStage(field=field), Iterator():
            return _arranged(stream, field)
        case SliceStage(limit=limit, offset=offset), Iterator():
            return _slice(stream, limit, offset)
        case RenameStage(columns=columns), Iterator():
            return (pa.table({name: table.column(field) for name, field in columns}) for table in stream)
    raise InternalError(ErrorCode.INTERNAL_ERROR, f'{type(stage).__name__} cannot stand here')


def _read(context: Context, source: Source, stage: ReadStage, encoded: bool) -> Tables:
    fields, conditions = stage.fields, stage.conditions
    if stage.prefix:
        fields = tuple(name.removeprefix(stage.prefix) for name in fields)
        conditions = tuple(without_prefix(condition, stage.prefix) for condition in conditions)
    tables = source.read(fields, conditions, encoded=encoded)
    for table in context.operation.timings.each('read', tables):
        context.operation.cancellation.check()
        yield table.rename_columns(list(stage.fields)) if stage.prefix else table


def _batches(context: Context, result: Iterator[pa.RecordBatch]) -> Tables:
    batches = context.operation.timings.each('sql', result)
    return (pa.Table.from_batches([batch]) for batch in batches)


def _collected(stream: Tables, source: Source) -> pa.Table:
    tables = list(stream)
    return pa.concat_tables(tables) if tables else buffers.no_rows(source.arrow_schema([POSITION]))


def _fetch(source: Source, fields: Sequence[str], stream: Tables) -> Tables:
    for table in stream:
        fetched = source.fetch(fields, buffers.numbers(table.column(POSITION)))
        for name in fields:
            table = table.append_column(fetched.schema.field(name), fetched.column(name))
        yield table


def _arranged(stream: Tables, field: str) -> Tables:
    table = pa.concat_tables(list(stream))
    ids = buffers.numbers(table.column(field))
    if len(ids) and not np.all(ids[1:] > ids[:-1]):
        table = table.take(buffers.positions(ascending(ids)))
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
