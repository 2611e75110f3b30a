"""Computes columns for rows that are given, and stores nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pyarrow as pa

from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.exec.changes.new_segments import with_inputs
from pixeltable.exec.engine import Engine
from pixeltable.exec.pipeline import Computed, computed, gathered
from pixeltable.plan.dependencies import in_order
from pixeltable.types.arrow import storage_type


def needed(schema: Schema, outputs: Sequence[ColumnRecord]) -> list[ColumnRecord]:
    """`outputs` and all columns that they are computed from, each after those that it reads."""
    ids = {column.id for column in outputs}
    computed_columns = in_order(schema)
    for column in reversed(computed_columns):
        if column.id in ids:
            ids |= set(column.depends_on)
    plain = schema.given
    return [column for column in (*plain, *computed_columns) if column.id in ids]


def without_demands(schema: Schema, wanted: Sequence[ColumnRecord]) -> Schema:
    """`schema`, in which only the columns in `wanted` must have values."""
    ids = {column.id for column in wanted}
    columns = (
        column if column.id in ids else replace(column, type=column.type.with_nullable(True))
        for column in schema.columns
    )
    return replace(schema, columns=tuple(columns))


def compute_rows(
    engine: Engine, schema: Schema, tables: Iterable[pa.Table], columns: Sequence[ColumnRecord], abort: bool | None
) -> Computed:
    """The rows of `tables`, whose fields are columns of `schema`, with the computed ones among `columns`."""
    again = [engine.resolver.computed(schema, column) for column in columns if column.is_computed]
    if again:
        inputs = (with_inputs(schema, table, again) for table in tables)
        parts = list(computed(engine.context, schema, inputs, again, abort, None, is_stored=False))
    else:
        parts = [(table, {}) for table in tables]
    if parts:
        return gathered(parts)
    return pa.table({column.field: pa.nulls(0, storage_type(column.record.type)) for column in again}), {}
