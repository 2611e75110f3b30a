"""Which columns rows give values to, by the names that they use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.catalog.views import LEVEL
from pixeltable.errors import ErrorCode, NotFoundError, RequestError, did_you_mean


def check_once(columns: Sequence[ColumnRecord], where: str) -> set[int]:
    """The ids of the columns. Raises INVALID_SCHEMA for one that two names stand for."""
    ids = {column.id for column in columns}
    if len(ids) < len(columns):
        twice = next(column for column in columns if columns.count(column) > 1)
        raise RequestError(ErrorCode.INVALID_SCHEMA, f'{where}: column {twice.name!r} is given twice.')
    return ids


def column_named(schema: Schema, name: Any, where: str, *, names_rows: bool = False) -> ColumnRecord:
    """The column of that name. Raises COLUMN_NOT_FOUND, and UNSUPPORTED_OPERATION for one that nobody can give values, unless
    it is part of a key that `names_rows`, and does not make them.
    """
    column = schema.find(name) if isinstance(name, str) else None
    path = schema.table.path
    if column is None:
        names = [column.name for column in schema.given]
        raise NotFoundError(
            ErrorCode.COLUMN_NOT_FOUND,
            f'{where}: table {path!r} has no column {name!r}.{did_you_mean(str(name), names)} Columns: {", ".join(names)}.',
        )
    kind = fixed_kind(schema, column)
    is_key = column.id in schema.table.primary_key and (names_rows or not column.is_computed)
    if kind is not None and not is_key:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'{where}: column {column.name!r} of {path!r} is {kind}; leave it out, its value follows from others.',
        )
    return column


def fixed_kind(schema: Schema, column: ColumnRecord) -> str | None:
    """Why users cannot set a column of existing rows, in words; None if they can."""
    if column.id >= LEVEL and schema.base is not None:
        return f'a column of {schema.base.table.path!r}'
    if column.value is not None:
        return 'computed'
    if column.id in schema.table.primary_key:
        return 'part of the primary key'
    view = schema.table.view
    if view is None or column.id not in view.outputs:
        return None
    return 'filled by the query of the view' if view.query is not None else 'made by the iterator'


def check_required(schema: Schema, given: set[int]) -> None:
    """Raises MISSING_REQUIRED for a column that needs values and is not among those that are `given`, by id."""
    for column in schema.given:
        if not (column.type.nullable or column.id in given):
            raise RequestError(
                ErrorCode.MISSING_REQUIRED,
                f'column {column.name!r} of {schema.table.path!r} has no value: give one in each row, '
                f'or declare the column as pxt.{column.type} | None.',
            )
