"""Arrow data as users have it: tables, batches, readers, generators of batches, and whatever speaks Arrow's stream protocol.

It is passed on as it comes, in tables of convenient size; what is in the columns is looked at in `rows`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.io.frames import is_frame, to_rows

CHUNK_BYTES = 64 << 20

_NOTHING = object()


@dataclass(frozen=True, slots=True)
class ArrowRows:
    """Tables that are read once; those of a generator of batches may differ from `schema`, which is that of the first."""

    schema: pa.Schema
    tables: Iterator[pa.Table]

    def renamed(self, names: Sequence[str]) -> ArrowRows:
        """The same rows under other names."""
        if list(names) == self.schema.names:
            return self
        schema = self.schema.empty_table().rename_columns(names).schema
        return ArrowRows(schema, (table.rename_columns(names) for table in self.tables))

    def chunks(self, most: int, most_bytes: int = CHUNK_BYTES) -> Iterator[pa.Table]:
        """The same rows in tables of up to `most` rows and `most_bytes`; small neighbours are put together."""
        waiting: list[pa.Table] = []
        rows = size = 0
        for table in self.tables:
            for part in _parts(table, most, most_bytes):
                full = rows + part.num_rows > most or size + part.nbytes > most_bytes
                if waiting and (full or part.schema != waiting[0].schema):
                    yield pa.concat_tables(waiting)
                    waiting, rows, size = [], 0, 0
                waiting.append(part)
                rows += part.num_rows
                size += part.nbytes
        if waiting:
            yield pa.concat_tables(waiting)


def opened(source: Any) -> Any:
    """`source` as `ArrowRows` if it is Arrow data, else something with the same rows."""
    if isinstance(source, Mapping) or (isinstance(source, list) and source and isinstance(source[0], Mapping)):
        return source
    if isinstance(source, (pa.Table, pa.RecordBatch)):
        return ArrowRows(source.schema, iter([_table(source)]))
    if is_frame(source):
        return opened(to_rows(source))
    if hasattr(source, '__arrow_c_stream__'):
        reader = pa.RecordBatchReader.from_stream(source)
        return ArrowRows(reader.schema, map(_table, reader))
    if isinstance(source, Iterable) and not isinstance(source, (str, bytes)):
        items = iter(source)
        first = next(items, _NOTHING)
        if isinstance(first, (pa.Table, pa.RecordBatch)):
            return ArrowRows(first.schema, map(_table, chain([first], items)))
        return source if items is not source or first is _NOTHING else chain([first], items)
    return source


def _table(data: pa.Table | pa.RecordBatch) -> pa.Table:
    return data if isinstance(data, pa.Table) else pa.Table.from_batches([data])


def _parts(table: pa.Table, most: int, most_bytes: int) -> Iterator[pa.Table]:
    fitting = table.num_rows * most_bytes // max(1, table.nbytes)
    rows = max(1, min(most, fitting))
    return (table.slice(start, rows) for start in range(0, table.num_rows, rows))


def parsed_json(array: pa.ChunkedArray, column: str) -> list[Any]:
    """The values of Arrow's type of JSON, which holds text. Raises UNSUPPORTED_OPERATION for text that is none."""
    try:
        return [None if text is None else json.loads(text) for text in array.cast(pa.string()).to_pylist()]
    except ValueError as error:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION, f'column {column!r}: a value is no JSON: {error}.'
        ) from error
