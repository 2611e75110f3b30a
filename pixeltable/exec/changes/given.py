"""Rows that say themselves which row they mean, as `batch_update` and `upsert` get them, and what in them is new."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.changes.matching import Positions
from pixeltable.exec.changes.rewriting import Part, alike
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import field_name
from pixeltable.plan.dependencies import affected
from pixeltable.storage.key_hashes import canonical
from pixeltable.types import buffers


@dataclass(frozen=True, slots=True)
class Given:
    """Rows that give the same columns: `numbers` are their places in the call, `values` has a field for each column.

    They name what they change by the columns of the primary key, or by the field of the row id.
    """

    numbers: NDArray[np.int64]
    values: pa.Table


def changing(
    source: Source, old: pa.Table, new: pa.Table, positions: Positions
) -> list[tuple[Part, NDArray[np.int64]]]:
    """The rows that change, those in which the same inputs of computed columns change together; and which rows each part has."""
    schema = source.schema
    by_field = {field_name(column.id): column for column in schema.columns if column.id not in schema.table.primary_key}
    columns = [by_field[name] for name in new.column_names if name in by_field]
    if not columns:
        return []
    changed = np.column_stack([_differs(old, new, column) for column in columns])
    rows = np.flatnonzero(changed.any(axis=1))
    read = [place for place, column in enumerate(columns) if affected(schema, [column.id])]
    patterns, owners = np.unique(changed[rows][:, read], axis=0, return_inverse=True)
    parts = []
    same = [rows[owners.reshape(-1) == number] for number in range(len(patterns))] if len(rows) else []
    groups = [(pending, made, each[part]) for each in same for pending, made, part in alike(source, positions[each])]
    for pending, made, inside in groups:
        assigned = old.take(buffers.positions(inside))
        here = [column for place, column in enumerate(columns) if changed[inside, place].any()]
        for column in here:
            place = assigned.column_names.index(field_name(column.id))
            values = new.column(field_name(column.id)).take(buffers.positions(inside))
            assigned = assigned.set_column(place, assigned.schema.field(place), values)
        parts.append((Part(assigned, [column.id for column in here], made, pending), inside))
    return parts


def _differs(old: pa.Table, new: pa.Table, column: ColumnRecord) -> NDArray[np.bool_]:
    name = field_name(column.id)
    before, after = canonical(old.column(name), column.type), canonical(new.column(name), column.type)
    same = pc.coalesce(pc.equal(before, after), pc.and_(pc.is_null(before), pc.is_null(after)))
    found: NDArray[np.bool_] = ~buffers.numpy_values(same, 'bool')
    return found


def check_required(schema: Schema, given: Given, row: int) -> None:
    """Raises MISSING_REQUIRED if a row cannot be inserted because it lacks a value."""
    for column in schema.columns:
        if not (column.is_computed or column.type.nullable or field_name(column.id) in given.values.column_names):
            raise RequestError(
                ErrorCode.MISSING_REQUIRED,
                f'row {given.numbers[row]}: column {column.name!r} of {schema.table.path!r} has no value, and the row does not '
                f'exist yet: give one, or declare the column as pxt.{column.type} | None.',
            )
