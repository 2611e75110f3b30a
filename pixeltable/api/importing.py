"""`pxt.io.import_…`: tables of data of one kind. Each is `pxt.create_table(path, source=…)`, and raises what that raises."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from pixeltable.api.table import Table
from pixeltable.api.tables import create_table

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


def _imported(
    path: str,
    source: Any,
    source_format: str | None,
    overrides: Overrides,
    primary_key: Key,
    comment: str | None,
    extra_args: Mapping[str, Any],
) -> Table:
    return create_table(
        path,
        source=source,
        source_format=source_format,
        schema_overrides=overrides,
        primary_key=primary_key,
        comment=comment,
        extra_args=extra_args,
    )
