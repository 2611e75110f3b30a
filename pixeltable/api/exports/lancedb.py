"""`pxt.io.export_lancedb`: a table of a LanceDB database. LanceDB makes a version of a table of whole writes only."""

from __future__ import annotations

import os
from typing import Any, Literal

import pyarrow as pa

from pixeltable._support.optional import require
from pixeltable.api.exports.arrow import Dialect, arrow_schema, arrow_tables, nested_list
from pixeltable.api.exports.foreign import Writing, check_text
from pixeltable.api.exports.rows import BATCH_BYTES, exported
from pixeltable.api.names import check_choice, check_count
from pixeltable.errors import AlreadyExistsError, ErrorCode


def _vectors(item: pa.DataType, shape: tuple[int, ...]) -> pa.DataType:
    """What LanceDB searches is a list of fixed size; it has none of more dimensions."""
    return pa.list_(item, shape[0]) if len(shape) == 1 else nested_list(item, shape)


_DIALECT = Dialect(json=pa.string(), uuid=pa.string(), tensor=_vectors)


def export_lancedb(
    table_or_query: Any,
    db_uri: str | os.PathLike[str],
    table_name: str,
    batch_size_bytes: int = BATCH_BYTES,
    if_exists: Literal['error', 'overwrite', 'append'] = 'error',
) -> None:
    """Writes the rows into a table of a LanceDB database, in one version of it.

    One-dimensional arrays of fixed length become vectors, which LanceDB searches; other arrays lists; Json text; pictures the
    bytes of their files, other media URLs.

    Args:
        table_or_query: what to export.
        db_uri: the folder of the database, or a URL that LanceDB knows.
        table_name: the table in it.
        batch_size_bytes: how much is in memory at once.
        if_exists: what to do with a table of that name: `'error'`, `'overwrite'`, or `'append'` to it, whose columns must fit.

    Raises:
        AlreadyExistsError: PATH_ALREADY_EXISTS.
        RequestError: INVALID_ARGUMENT for something else than a table or query, a bad option or size; INVALID_CONFIGURATION
            without the package lancedb; UNSUPPORTED_OPERATION for other media than pictures that the query computes, for arrays
            of any shape, and for what LanceDB refuses.
    """
    check_text(table_name, 'table_name')
    check_text(os.fspath(db_uri) if isinstance(db_uri, os.PathLike) else db_uri, 'db_uri')
    check_choice(if_exists, ('error', 'overwrite', 'append'), 'if_exists')
    size = check_count(batch_size_bytes, 'batch_size_bytes', 1)
    lancedb = require('lancedb', 'lancedb')
    writing = Writing(f'export_lancedb(): table {table_name!r} of {os.fspath(db_uri)!r}')
    with exported(table_or_query, inline_images=True) as rows, writing.translated():
        schema = arrow_schema(rows.types, _DIALECT)
        tables = writing.watched(arrow_tables(rows, schema, size=size))
        reader = pa.RecordBatchReader.from_batches(schema, (batch for table in tables for batch in table.to_batches()))
        database = lancedb.connect(db_uri)
        existing = _opened(database, table_name)
        if existing is not None and if_exists == 'error':
            raise AlreadyExistsError(
                ErrorCode.PATH_ALREADY_EXISTS,
                f"{os.fspath(db_uri)!r} has a table {table_name!r}: give another name, or if_exists='overwrite' or 'append'.",
            )
        if existing is not None and if_exists == 'append':
            existing.add(reader)
        else:
            mode = 'create' if existing is None else 'overwrite'
            database.create_table(table_name, data=reader, schema=schema, mode=mode)


def _opened(database: Any, name: str) -> Any:
    try:
        return database.open_table(name)
    except ValueError:  # LanceDB's word for a name that is not there
        return None
