"""Turns what users insert into tables of fields: dicts, pydantic models, pandas frames, Arrow data, other tables and queries.

Large inputs come out in chunks, so that a generator of any length is inserted with bounded memory for each chunk.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import templates
from pixeltable.exprs.bind import field_name
from pixeltable.io.arrow_rows import CHUNK_BYTES, ArrowRows, opened, parsed_json
from pixeltable.io.given_columns import check_once, check_required, column_named
from pixeltable.media.references import to_reference
from pixeltable.types import buffers
from pixeltable.types.arrow import decode, storage_type
from pixeltable.types.coerce import column_to_arrow, from_foreign
from pixeltable.types.column_type import ColumnType, Kind
from pixeltable.types.pictures import is_image

CHUNK_ROWS = 131_072

_MARK = re.compile(re.escape(templates.MARK.encode()))


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The result of a query: columns in their storage types, with their types by name."""

    data: pa.Table
    types: Mapping[str, ColumnType]


def tables_of(schema: Schema, source: Any, zone: tzinfo) -> Iterator[pa.Table]:
    """The rows of `source` as tables whose fields are columns of `schema`.

    Raises COLUMN_NOT_FOUND, MISSING_REQUIRED or UNSUPPORTED_OPERATION, naming the column, the row and the value.
    """
    if type(source) is list and len(source) == 1 and type(source[0]) is dict:  # which is what is in the greatest hurry
        yield _from_dicts(schema, source, 0, zone)
        return
    if isinstance(source, StoredRows):
        yield from _arrow_tables(schema, opened(source.data), zone, source.types)
        return
    if not isinstance(source, ArrowRows):
        source = opened(source)
    if isinstance(source, ArrowRows):
        yield from _arrow_tables(schema, source, zone)
        return
    first_row = 0
    for chunk in _chunks(source):
        yield _from_dicts(schema, chunk, first_row, zone)
        first_row += len(chunk)


def _chunks(source: Any) -> Iterator[Sequence[dict[str, Any]]]:
    if isinstance(source, (str, bytes)) or not isinstance(source, Iterable):
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'cannot insert {source!r}: pass a list of dicts, pydantic models, a pandas frame, Arrow data or a query.',
        )
    rows = iter([source] if isinstance(source, Mapping) else source)
    for first in rows:
        chunk = [first, *islice(rows, _chunk_rows(as_mapping(first)) - 1)]
        yield chunk if set(map(type, chunk)) == {dict} else [as_mapping(row) for row in chunk]


def _chunk_rows(row: Mapping[str, Any]) -> int:
    """How many rows like this one may be in memory at once."""
    return max(1, min(CHUNK_ROWS, CHUNK_BYTES // max(1, sum(map(_size, row.values())))))


def _size(value: Any) -> int:
    if isinstance(value, (str, bytes, list, tuple, dict)):
        return len(value)
    if isinstance(value, np.ndarray):
        return value.nbytes
    return 4 * value.width * value.height if is_image(value) else 0


def as_mapping(row: Any) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return row if type(row) is dict else dict(row)
    if hasattr(row, 'model_dump'):
        dumped: dict[str, Any] = row.model_dump()
        return dumped
    raise RequestError(
        ErrorCode.UNSUPPORTED_OPERATION, f'cannot insert {row!r}: each row is a dict or a pydantic model.'
    )


def _from_dicts(schema: Schema, rows: Sequence[dict[str, Any]], first_row: int, zone: tzinfo) -> pa.Table:
    given = _by_name(rows)
    columns = [column_named(schema, name, f'row {first_row + index}') for name, (index, _) in given.items()]
    ids = check_once(columns, f'row {first_row}')
    arrays, fields = [], []
    for column, (_, values) in zip(columns, given.values(), strict=True):
        if schema.media and column.type.is_media:
            values = _references(column, values, first_row)
        array = column_to_arrow(values, column.type, column=column.name, first_row=first_row, zone=zone)
        refuse_templates(column, array)
        arrays.append(array)
        fields.append(field_name(column.id))
    check_required(schema, ids)
    if not arrays:
        # Every column is NULL; the rows themselves still exist.
        column = schema.given[0]
        return pa.table({field_name(column.id): pa.nulls(len(rows), storage_type(column.type))})
    return pa.Table.from_arrays(arrays, names=fields)


def _by_name(rows: Sequence[dict[str, Any]]) -> dict[Any, tuple[int, list[Any]]]:
    """For each name the first row that has it, and its values."""
    if len(rows) == 1:
        return {name: (0, [value]) for name, value in rows[0].items()}
    if len(set(map(len, rows))) == 1:  # almost always all rows have the same keys, and then no loop of Python is needed
        with contextlib.suppress(KeyError):
            return {name: (0, list(map(itemgetter(name), rows))) for name in rows[0]}
    first: dict[Any, int] = {}
    for index, row in enumerate(rows):
        for name in row:
            first.setdefault(name, index)
    return {name: (index, [row.get(name) for row in rows]) for name, index in first.items()}


def refuse_templates(column: ColumnRecord, array: pa.Array | pa.ChunkedArray) -> None:
    """An f-string over expressions is no value; inserted as one, it would store the text of the expression."""
    if column.type.kind not in (Kind.STRING, Kind.JSON):
        return
    # A look at the raw text is enough almost always, and for a single row 20 times as fast as asking Arrow.
    for chunk in array.chunks if isinstance(array, pa.ChunkedArray) else [array]:
        text = chunk.buffers()[-1]
        if text is not None and _MARK.search(text):
            break
    else:
        return
    import pyarrow.compute as pc

    marked = pc.match_substring(array, templates.MARK)
    if pc.any(marked).as_py():
        text = templates.visible(array.filter(marked)[0].as_py())
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION,
            f'column {column.name!r}: {text!r} is an f-string over columns, not a value; '
            'use it in add_computed_column() or update().',
        )


def _arrow_tables(
    schema: Schema, source: ArrowRows, zone: tzinfo, types: Mapping[str, ColumnType] | None = None
) -> Iterator[pa.Table]:
    columns = _arrow_names(schema, source.schema)
    first_row = 0
    for chunk in source.chunks(CHUNK_ROWS):
        if chunk.column_names != source.schema.names:
            columns = _arrow_names(schema, chunk.schema)
        arrays = [
            arrow_column(column, array, (types or {}).get(name), first_row, zone)
            for column, name, array in zip(columns, chunk.column_names, chunk.columns, strict=True)
        ]
        yield pa.Table.from_arrays(arrays, names=[field_name(column.id) for column in columns])
        first_row += chunk.num_rows


def _arrow_names(schema: Schema, given: pa.Schema) -> list[ColumnRecord]:
    columns = [column_named(schema, name, 'the table to insert') for name in given.names]
    check_required(schema, check_once(columns, 'the table to insert'))
    return columns


def arrow_column(
    column: ColumnRecord, array: pa.ChunkedArray, stored_as: ColumnType | None, first_row: int, zone: tzinfo
) -> pa.ChunkedArray | pa.Array:
    """The values of one column. Stored ones of the very same type, such as Json text, are taken as they are."""
    is_same = stored_as is not None and stored_as.with_nullable(column.type.nullable) == column.type
    is_complete = column.type.nullable or not array.null_count
    if is_same and is_complete:
        return array
    if stored_as is not None and stored_as.kind is Kind.JSON and not column.type.is_media:  # with another schema
        if is_complete and column.type.kind is Kind.JSON and column.type.detail is None:
            return array
        values = decode(array, stored_as, zone)
        return column_to_arrow(values, column.type, column=column.name, first_row=first_row, zone=zone)
    if is_complete and column.type.is_media and pa.types.is_binary(array.type):
        return _media(column, array, first_row)
    if is_complete and column.type.kind is Kind.JSON and isinstance(array.type, pa.JsonType):
        return column_to_arrow(
            parsed_json(array, column.name), column.type, column=column.name, first_row=first_row, zone=zone
        )
    array = from_foreign(array, column.type, column=column.name, zone=zone, first_row=first_row)
    refuse_templates(column, array)
    return _media(column, array, first_row)


def _media(column: ColumnRecord, array: pa.ChunkedArray, first_row: int) -> pa.ChunkedArray | pa.Array:
    if not column.type.is_media:
        return array
    return buffers.strings(_references(column, array.to_pylist(), first_row))


def _references(column: ColumnRecord, values: Sequence[Any], first_row: int) -> list[str | None]:
    return [
        None if value is None else to_reference(value, column.type.kind, column=column.name, row=first_row + row)
        for row, value in enumerate(values)
    ]
