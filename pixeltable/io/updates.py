"""Turns the rows that `batch_update` and `upsert` get into tables of fields: one for all rows that give the same columns.

Unlike rows to insert, these say which row they mean, and a column that one leaves out keeps its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.changes.given import Given
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name
from pixeltable.exprs.expr import Expr
from pixeltable.io.arrow_rows import ArrowRows, opened
from pixeltable.io.given_columns import column_named
from pixeltable.io.rows import CHUNK_ROWS, StoredRows, arrow_column, as_mapping, refuse_templates
from pixeltable.media.references import to_reference
from pixeltable.types.coerce import coerce, column_to_arrow, from_foreign
from pixeltable.types.column_type import INT

ROW_ID_NAME = '_rowid'


def updates_of(schema: Schema, source: Any, zone: tzinfo, verb: str) -> list[Given]:
    """The rows of `source`, by the columns that they give.

    A row names the row that it means by all columns of the primary key, or by `_rowid` (also `id`, if no column has that name).

    Raises:
        NotFoundError: COLUMN_NOT_FOUND.
        RequestError: UNSUPPORTED_OPERATION for a row that lacks part of the key or sets a computed column, TYPE_MISMATCH for a
            value of the wrong type, INVALID_EXPRESSION for an expression.
    """
    stored = isinstance(source, StoredRows)
    rows = opened(source.data) if stored else source if isinstance(source, ArrowRows) else opened(source)
    if isinstance(rows, ArrowRows):
        return _of_arrow(schema, rows, zone, verb, dict(source.types) if stored else {})
    return _of_dicts(schema, rows, zone, verb)


def _of_arrow(schema: Schema, source: ArrowRows, zone: tzinfo, verb: str, types: Mapping[str, Any]) -> list[Given]:
    found, first_row = [], 0
    for chunk in source.chunks(CHUNK_ROWS):
        columns = _columns(schema, chunk.column_names, 'the rows', verb)
        arrays = {
            field: from_foreign(array, INT, column=name, zone=zone, first_row=first_row, code=ErrorCode.TYPE_MISMATCH)
            if column is None
            else arrow_column(column, array, types.get(name), first_row, zone)
            for (field, column), name, array in zip(columns.items(), chunk.column_names, chunk.columns, strict=True)
        }
        found.append(Given(np.arange(first_row, first_row + chunk.num_rows), pa.table(arrays)))
        first_row += chunk.num_rows
    return found


def _of_dicts(schema: Schema, source: Any, zone: tzinfo, verb: str) -> list[Given]:
    if isinstance(source, str | bytes) or not isinstance(source, Iterable):
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'{verb}() cannot take {source!r}: pass a list of dicts, pydantic models, a pandas frame, Arrow data or a query.',
        )
    groups: dict[frozenset[Any], list[tuple[int, Mapping[str, Any]]]] = {}
    for number, row in enumerate([source] if isinstance(source, Mapping) else source):
        mapping = as_mapping(row)
        groups.setdefault(frozenset(mapping), []).append((number, mapping))
    found = [_group(schema, rows, zone, verb) for rows in groups.values()]
    _check_same_address(found, verb)
    return found


def _group(schema: Schema, rows: Sequence[tuple[int, Mapping[str, Any]]], zone: tzinfo, verb: str) -> Given:
    numbers = np.array([number for number, _ in rows])
    names = list(rows[0][1])
    arrays = {}
    for (field, column), name in zip(_columns(schema, names, f'row {numbers[0]}', verb).items(), names, strict=True):
        values = [row[name] for _, row in rows]
        for kind in set(map(type, values)):
            if issubclass(kind, Expr):
                raise _expression(verb, name)
        arrays[field] = _array(column, name, values, numbers, zone)
    return Given(numbers, pa.table(arrays))


def _array(column: ColumnRecord | None, name: str, values: list[Any], numbers: Any, zone: tzinfo) -> Any:
    type_ = INT if column is None else column.type
    if type_.is_media:
        numbered = zip(values, numbers, strict=True)
        values = [
            v if v is None else to_reference(v, type_.kind, column=name, row=int(number)) for v, number in numbered
        ]
    try:
        array = column_to_arrow(values, type_, column=name, zone=zone)
    except RequestError:
        for value, number in zip(values, numbers, strict=True):  # the error must name the row by its place in the call
            coerce(value, type_, column=name, row=int(number), zone=zone)
        raise
    if column is not None:
        refuse_templates(column, array)
    return array


def _columns(schema: Schema, names: Sequence[Any], where: str, verb: str) -> dict[str, ColumnRecord | None]:
    """For each of `names` its field, and its column; None for the row id."""
    found: dict[str, ColumnRecord | None] = {}
    for name in names:
        column = None if _is_row_id(schema, name) else column_named(schema, name, where, names_rows=True)
        field = ROW_ID_FIELD if column is None else field_name(column.id)
        if field in found:
            raise RequestError(ErrorCode.INVALID_SCHEMA, f'{where}: {name!r} is given twice, with different spellings.')
        found[field] = column
    given = {column.id for column in found.values() if column is not None}
    key = [column for column in schema.key if column.id in given]
    if ROW_ID_FIELD in found:
        if key:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{where}: {key[0].name!r} is part of the primary key, which cannot change; name the row either by its key '
                f'or by {ROW_ID_NAME}.',
            )
        return found
    if not schema.key:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'{where}: {schema.table.path!r} has no primary key; {verb}() needs {ROW_ID_NAME!r} (t.id) in each row.',
        )
    for column in schema.key:
        if column.id not in given:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{where} lacks {column.name!r}, which is part of the primary key; {verb}() needs the whole key in each row.',
            )
    return found


def _is_row_id(schema: Schema, name: Any) -> bool:
    return isinstance(name, str) and (name == ROW_ID_NAME or (name.lower() == 'id' and schema.find('id') is None))


def _check_same_address(found: Sequence[Given], verb: str) -> None:
    by_id = [each for each in found if ROW_ID_FIELD in each.values.column_names]
    if by_id and len(by_id) < len(found):
        other = next(each for each in found if ROW_ID_FIELD not in each.values.column_names)
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'{verb}(): row {by_id[0].numbers[0]} is named by its id and row {other.numbers[0]} by its primary key; '
            'name all rows in one way.',
        )


def _expression(verb: str, name: str) -> RequestError:
    return RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'{verb}(): column {name!r} is given an expression; rows take values, update() takes expressions.',
    )
