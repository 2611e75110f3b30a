"""What is exported: the rows of a table or of a query, some at a time, in the types in which they are stored; media are URLs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

import pyarrow as pa

from pixeltable.api.cells import with_urls
from pixeltable.api.reading import Readable
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.prepare import Prepared
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import ColumnRef
from pixeltable.io.arrow_rows import ArrowRows
from pixeltable.media.data_urls import content_of
from pixeltable.media.library import Library
from pixeltable.media.references import is_content
from pixeltable.types import buffers
from pixeltable.types.column_type import ColumnType, Kind
from pixeltable.types.fragments import fragment
from pixeltable.types.pictures import lossless_file
from pixeltable.types.plain import plain

ROWS_AT_ONCE = 16_384
BATCH_BYTES = 128 << 20


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows that are read once."""

    types: Mapping[str, ColumnType]
    rows: ArrowRows
    zone: tzinfo
    library: Library

    def plain(self) -> Iterator[list[list[Any]]]:
        """The columns as lists of what JSON has, some thousands of rows at once."""
        for table in self.rows.chunks(ROWS_AT_ONCE):
            yield [plain(table.column(name), type_, self.zone) for name, type_ in self.types.items()]

    def content(self, reference: str | None) -> bytes | None:
        """The bytes of the file of a picture; a frame of a film or a part of a picture becomes one."""
        if reference is None:
            return None
        if is_content(reference):
            return bytes(content_of(reference))
        if fragment(reference):
            return lossless_file(self.library.opened(reference, Kind.IMAGE))
        return Path(self.library.path(reference)).read_bytes()


@contextmanager
def exported(table_or_query: Any, *, inline_images: bool = False) -> Iterator[Exported]:
    """The rows of a table or a query. With `inline_images` only media that are not pictures go out as references.

    Raises:
        RequestError: INVALID_ARGUMENT for something else; UNSUPPORTED_OPERATION for media that the query computes, which have
            no place that a reference could name.
    """
    if not isinstance(table_or_query, Readable):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'give a table or a query to export, not {table_or_query!r:.80}.'
        )
    query = table_or_query._query()
    prepared = query._prepared()
    for output in prepared.outputs:
        by_reference = output.node.type.is_media and not (inline_images and output.node.type.kind is Kind.IMAGE)
        if by_reference and not _has_place(output.node, prepared):
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{output.name!r}: {display(output.node)} is computed by the query and stored nowhere, so there is nothing to '
                'refer to: make it a computed column, and export that.',
            )
    session, types = query._session, prepared.types
    library = session.engine.context.services.library
    with closing(query._tables(prepared, 'export')) as tables:
        rows = ArrowRows(prepared.arrow_schema, (with_urls(table, types, library) for table in tables))
        yield Exported(types, rows, session.settings.time_zone, library)


def _has_place(node: Any, prepared: Prepared) -> bool:
    if not isinstance(node, ColumnRef):
        return False
    unstored = {
        (table.schema.table.id, column.id)
        for table in prepared.tables
        for column in table.schema.computed
        if not column.stored
    }
    return (node.table_id, node.column_id) not in unstored


def empty_or(schema: pa.Schema, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The tables; an empty one if there are none."""
    first = next(tables, None)
    yield buffers.no_rows(schema) if first is None else first
    yield from tables
