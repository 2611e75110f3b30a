"""`pxt.io.import_…`: tables of data of one kind. Each is `pxt.create_table(path, source=…)`, and raises what that raises."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pixeltable.api.columnspecs import check_notes
from pixeltable.api.default import session
from pixeltable.api.names import check_choice, normal_path
from pixeltable.api.paths import existing
from pixeltable.api.table import Table
from pixeltable.api.tables import create_table
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.io.databases import DatabaseRows
from pixeltable.io.given_columns import column_named
from pixeltable.types.column_type import Kind
from pixeltable.udf.arguments import accepts

Overrides = Mapping[str, Any] | None
Key = str | list[str] | None


def import_csv(
    tbl_name: str,
    filepath_or_buffer: str | os.PathLike[str],
    schema_overrides: Overrides = None,
    primary_key: Key = None,
    comment: str | None = None,
    **kwargs: Any,
) -> Table:
    """A table of a CSV file, or of one behind a URL; `kwargs` go to `pandas.read_csv`."""
    return _imported(tbl_name, filepath_or_buffer, 'csv', schema_overrides, primary_key, comment, kwargs)


def import_excel(
    tbl_name: str,
    io: str | os.PathLike[str],
    *,
    schema_overrides: Overrides = None,
    primary_key: Key = None,
    comment: str = '',
    **kwargs: Any,
) -> Table:
    """A table of a sheet of an Excel file; `kwargs` go to `pandas.read_excel`."""
    return _imported(tbl_name, io, 'excel', schema_overrides, primary_key, comment, kwargs)


def import_json(
    tbl_path: str,
    filepath_or_url: str | os.PathLike[str],
    *,
    schema_overrides: Overrides = None,
    primary_key: Key = None,
    comment: str | None = None,
    **kwargs: Any,
) -> Table:
    """A table of a JSON file: a list of objects, or an object a line; `kwargs` go to `json.loads`."""
    return _imported(tbl_path, filepath_or_url, 'json', schema_overrides, primary_key, comment, kwargs)


def import_parquet(
    table: str,
    *,
    parquet_path: str | os.PathLike[str],
    schema_overrides: Overrides = None,
    primary_key: Key = None,
    **kwargs: Any,
) -> Table:
    """A table of a Parquet file, or of a folder of such files; `kwargs` go to `pyarrow.dataset.dataset`."""
    return _imported(table, parquet_path, 'parquet', schema_overrides, primary_key, None, kwargs)


def import_pandas(
    tbl_name: str,
    df: Any,
    *,
    schema_overrides: Overrides = None,
    primary_key: Key = None,
    comment: str = '',
) -> Table:
    """A table of a pandas DataFrame."""
    return _imported(tbl_name, df, None, schema_overrides, primary_key, comment, {})


def import_rows(
    tbl_path: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    schema_overrides: Overrides = None,
    primary_key: Key = None,
    comment: str = '',
) -> Table:
    """A table of dicts."""
    return _imported(tbl_path, rows, None, schema_overrides, primary_key, comment, {})


def import_huggingface_dataset(
    table_path: str,
    dataset: Any,
    *,
    schema_overrides: Overrides = None,
    primary_key: Key = None,
    column_name_for_split: str | None = None,
    comment: str | None = None,
) -> Table:
    """A table of a dataset of Hugging Face, or of all splits of one; `column_name_for_split` names a column for the split."""
    options = {} if column_name_for_split is None else {'column_name_for_split': column_name_for_split}
    return _imported(table_path, dataset, None, schema_overrides, primary_key, comment, options)


def import_sql(
    selectable: Any,
    conn: Any,
    tbl_name: str,
    *,
    schema_overrides: Overrides = None,
    primary_key: Key = None,
    comment: str | None = None,
    custom_metadata: Any = None,
    if_exists: Literal['error', 'append'] = 'error',
    on_error: str | None = None,
    send_connect_url: bool = False,
) -> Table:
    """A table of what a query of SQLAlchemy gives. Its rows are read and stored piece by piece, in one version.

    Args:
        selectable: a `sqlalchemy.Table`, `select(…)` or `text(…).columns(…)`; the types of its columns tell those of the table.
        conn: an engine, or a connection that is used for nothing else meanwhile.
        tbl_name: the path of the table.
        schema_overrides: types of single columns.
        primary_key, comment, custom_metadata: of a new table; see `pxt.create_table`.
        if_exists: `'append'` inserts into a table that exists, whose columns must fit.
        on_error: see `pxt.create_table`.
        send_connect_url: without effect on local tables, which are all that there are.

    Raises:
        AlreadyExistsError: PATH_ALREADY_EXISTS. NotFoundError: COLUMN_NOT_FOUND for a column that the existing table lacks.
        RequestError: INVALID_ARGUMENT, INVALID_TYPE for a column whose type has no counterpart; TYPE_MISMATCH where the existing
            table has another type; UNSUPPORTED_OPERATION for what the database refuses. ServiceUnavailableError:
            DATABASE_UNAVAILABLE.
    """
    check_choice(if_exists, ('error', 'append'), 'if_exists')
    check_notes(comment, custom_metadata)
    rows = DatabaseRows(selectable, conn)
    found = existing(session(), normal_path(tbl_name), 'ignore', 'table') if if_exists == 'append' else None
    if found is None:
        options = {'custom_metadata': custom_metadata, 'on_error': on_error}
        return _imported(tbl_name, rows, None, schema_overrides, primary_key, comment, {}, **options)
    _check_fits(rows, found)
    found.insert(rows, on_error=on_error)
    return found


def _check_fits(rows: DatabaseRows, table: Table) -> None:
    """Raises COLUMN_NOT_FOUND or TYPE_MISMATCH before a row is read. Texts may hold values of other types."""
    schema = table._source().schema
    for name, type_ in rows.types().items():
        column = column_named(schema, name, 'import_sql()')
        if type_ is not None and type_.kind not in (Kind.STRING, Kind.BINARY) and not accepts(column.type, type_):
            raise RequestError(
                ErrorCode.TYPE_MISMATCH,
                f'import_sql(): column {name!r} of the query is of type {type_}, and that of {table._path!r} {column.type}.',
            )


def _imported(
    path: str,
    source: Any,
    source_format: str | None,
    overrides: Overrides,
    primary_key: Key,
    comment: str | None,
    extra_args: Mapping[str, Any],
    **options: Any,
) -> Table:
    return create_table(
        path,
        source=source,
        source_format=source_format,
        schema_overrides=overrides,
        primary_key=primary_key,
        comment=comment,
        extra_args=extra_args,
        **options,
    )
