"""Adds fields that Python computes, batch by batch."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from pixeltable.exec.context import Context
from pixeltable.exec.evaluate import Evaluation, raise_first_error
from pixeltable.exec.media.ordering import in_film_order
from pixeltable.exec.media.saving import MEDIA_ROWS, Saving, takes_media
from pixeltable.plan.logical import Named
from pixeltable.types import buffers
from pixeltable.types.arrow import storage_type

BATCH_ROWS = 4096


def rebatch(tables: Iterator[pa.Table], rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
    """The same rows in tables of `rows` rows, whatever the sizes they come in; the last may be smaller."""
    waiting: list[pa.Table] = []
    count = 0
    for table in tables:
        waiting.append(table)
        count += table.num_rows
        if count < rows:
            continue
        joined = pa.concat_tables(waiting)
        full = count - count % rows
        for start in range(0, full, rows):
            yield joined.slice(start, rows)
        waiting, count = ([joined.slice(full)], count - full) if count > full else ([], 0)
    if count:
        yield pa.concat_tables(waiting)


def evaluate(context: Context, outputs: Sequence[Named], tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Adds `outputs` to each table. The first cell that fails fails the query."""
    return in_film_order([output.node for output in outputs], tables, partial(_evaluated, context, outputs))


def _evaluated(context: Context, outputs: Sequence[Named], tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    nodes = [output.node for output in outputs]
    operation = context.operation

    calls = context.calls()
    saving = Saving(context.services.library, context.loop, None)
    rows = MEDIA_ROWS if any(map(takes_media, nodes)) else BATCH_ROWS

    async def one(batch: pa.Table, first_row: int) -> pa.Table:
        evaluation = Evaluation(batch, context.zone, calls, passes_errors=False)
        vectors = await evaluation.vectors(nodes)
        raise_first_error(vectors, nodes, first_row, evaluation)
        for output, vector in zip(outputs, vectors, strict=True):
            await saving.save(vector, output.node.type)
            raise_first_error(vectors, nodes, first_row, evaluation)
            array = vector.to_arrow(output.node.type, output.name, context.zone)
            raise_first_error(vectors, nodes, first_row, evaluation)
            batch = batch.append_column(pa.field(output.name, storage_type(output.node.type)), array)
        return batch

    schema: list[pa.Schema] = []

    def noted() -> Iterator[pa.Table]:
        for table in tables:
            schema[:] = [table.schema]
            yield table

    def work() -> Iterator[Coroutine[Any, Any, pa.Table]]:
        first_row = 0
        for batch in rebatch(noted(), rows):
            yield one(batch, first_row)
            first_row += batch.num_rows

    work_done = context.loop.in_order(work(), operation.cancellation, calls.flow)
    is_empty = True
    for table in operation.timings.elsewhere(work_done):
        is_empty = False
        yield table
    if is_empty and schema:  # what comes next needs a table, if without rows
        added = [pa.field(output.name, storage_type(output.node.type)) for output in outputs]
        yield buffers.no_rows(pa.schema([*schema[0], *added]))
