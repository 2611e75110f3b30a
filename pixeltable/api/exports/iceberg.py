"""`pxt.io.export_iceberg`: a table of an Iceberg catalog, which other engines see change in one commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import pyarrow as pa

from pixeltable._support.optional import require
from pixeltable.api.exports.arrow import Dialect, arrow_schema, arrow_tables, nested_list, overridden
from pixeltable.api.exports.foreign import Writing
from pixeltable.api.exports.rows import BATCH_BYTES, exported
from pixeltable.api.names import check_choice, check_count
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError

_DIALECT = Dialect(json=pa.string(), uuid=pa.uuid(), tensor=nested_list)


def export_iceberg(
    table_or_query: Any,
    catalog: Any,
    table_name: str,
    *,
    batch_size_bytes: int = BATCH_BYTES,
    if_exists: Literal['error', 'replace', 'append'] = 'error',
    schema_overrides: Mapping[str, pa.DataType] | None = None,
) -> None:
    """Writes the rows into an Iceberg table, in one commit of its catalog.

    Json becomes text, arrays become lists, pictures the bytes of their files, other media URLs.

    Args:
        table_or_query: what to export.
        catalog: a catalog of pyiceberg, as `pyiceberg.catalog.load_catalog` gives it.
        table_name: namespace and name, such as `'sales.orders'`; a namespace that is missing is made.
        batch_size_bytes: how much is in memory at once, and in a file of a new table.
        if_exists: what to do with a table of that name: `'error'`; `'replace'` its columns and rows, which stay in its history;
            or `'append'` to it, whose columns must fit.
        schema_overrides: Arrow types of single columns, such as a struct for a Json column.

    Raises:
        AlreadyExistsError: PATH_ALREADY_EXISTS. NotFoundError: COLUMN_NOT_FOUND for an override of no column.
        RequestError: INVALID_ARGUMENT for something else than a table or query, or than a catalog, a bad option, type or size;
            INVALID_CONFIGURATION without the package pyiceberg; TYPE_MISMATCH for values that an overriding type cannot hold;
            UNSUPPORTED_OPERATION for other media than pictures that the query computes, for arrays of any shape, and for what
            Iceberg refuses.
    """
    check_choice(if_exists, ('error', 'replace', 'append'), 'if_exists')
    size = check_count(batch_size_bytes, 'batch_size_bytes', 1)
    if not isinstance(catalog, require('pyiceberg.catalog', 'iceberg').Catalog):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'catalog is a catalog of pyiceberg, not {catalog!r:.80}.')
    if not isinstance(table_name, str) or '.' not in table_name:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f"table_name is a namespace and a name, such as 'sales.orders', not {table_name!r}.",
        )
    writing = Writing(f'export_iceberg(): table {table_name!r}')
    with exported(table_or_query, inline_images=True) as rows, writing.translated():
        schema = overridden(arrow_schema(rows.types, _DIALECT), schema_overrides)
        with _transaction(catalog, table_name, schema, if_exists) as transaction:
            for table in arrow_tables(rows, schema, size=size):
                transaction.append(table)


@contextmanager
def _transaction(catalog: Any, name: str, schema: pa.Schema, if_exists: str) -> Iterator[Any]:
    """A transaction in which the table is there, with the columns of `schema`; it is committed when the block ends well."""
    if not catalog.table_exists(name):
        catalog.create_namespace_if_not_exists(name.rpartition('.')[0])
        with catalog.create_table_transaction(name, schema=schema) as transaction:
            yield transaction
        return
    if if_exists == 'error':
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS,
            f"the catalog has a table {name!r}: give another name, or if_exists='replace' or 'append'.",
        )
    with catalog.load_table(name).transaction() as transaction:
        if if_exists == 'replace':
            _replace_columns(transaction, schema)
        yield transaction


def _replace_columns(transaction: Any, schema: pa.Schema) -> None:
    """Removes the rows and the columns, and adds those of `schema`, which are new ones even where they are named alike."""
    transaction.delete('true')
    with transaction.update_schema(allow_incompatible_changes=True) as update:
        for field in transaction.table_metadata.schema().fields:
            update.delete_column((field.name,))
    with transaction.update_schema() as update:
        update.union_by_name(schema)
