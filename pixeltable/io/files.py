"""Rows in files: CSV, Excel, JSON and Parquet, on disk, behind a URL or in a bucket."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyarrow as pa

from pixeltable._support.optional import require
from pixeltable.errors import Error, ErrorCode, MissingFileError, RequestError
from pixeltable.io.arrow_rows import ArrowRows
from pixeltable.io.column_names import column_names
from pixeltable.media.fetching import Fetcher
from pixeltable.media.references import REMOTE_SCHEMES

FORMATS = ('csv', 'excel', 'parquet', 'json')
_SUFFIXES = {
    '.csv': 'csv', '.tsv': 'csv', '.xls': 'excel', '.xlsx': 'excel', '.parquet': 'parquet', '.pq': 'parquet',
    '.json': 'json', '.jsonl': 'json', '.ndjson': 'json',
}  # fmt: skip
_PACKED = ('.gz', '.bz2', '.xz', '.zst')


def is_file(source: Any) -> bool:
    """Whether a source names a file rather than being rows itself."""
    return isinstance(source, (str, os.PathLike))


def read_file(source: Any, source_format: str | None, options: Mapping[str, Any], texts: Collection[str] = ()) -> Any:
    """The rows of a file: a pandas frame for CSV and Excel, dicts for JSON, Arrow data for Parquet.

    `options` go to the reader: `pandas.read_csv`, `pandas.read_excel`, `json.loads`, `pyarrow.dataset.dataset`. The values of the
    columns `texts` of CSV and Excel are taken as they are written.

    Raises:
        MissingFileError: STORAGE_NOT_FOUND. RequestError: UNSUPPORTED_OPERATION if the format is not known, INVALID_DATA_FORMAT
            if the file is not of the format, INVALID_ARGUMENT for unknown options.
        ServiceUnavailableError: STORE_UNAVAILABLE.
    """
    name = os.fspath(source)
    found = source_format or _format_of(name)
    with _local(name) as path:
        with _translated(name, found):
            rows = _READERS[found](path, dict(options), texts)
        if not isinstance(rows, ArrowRows):
            return rows
        tables = _read_later(rows.tables, name, found)
        is_fetched = urlsplit(name).scheme.lower() in REMOTE_SCHEMES  # and gone before the rows are asked for
        return ArrowRows(rows.schema, iter(list(tables)) if is_fetched else tables)


def _read_later(tables: Iterator[pa.Table], name: str, found: str) -> Iterator[pa.Table]:
    with _translated(name, found):
        yield from tables


@contextmanager
def _translated(name: str, found: str) -> Iterator[None]:
    """Gives errors of the reader as ours."""
    try:
        yield
    except Error:
        raise
    except TypeError as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name!r} cannot be read as {found}: {error}.') from error
    except (ValueError, OSError, pa.ArrowException, KeyError, ImportError, zipfile.BadZipFile) as error:
        raise RequestError(
            ErrorCode.INVALID_DATA_FORMAT, f'{name!r} cannot be read as {found}: {error or type(error).__name__}.'
        ) from error


@contextmanager
def _local(name: str) -> Iterator[Path]:
    """The file, fetched first if it is remote."""
    parts = urlsplit(name)
    if parts.scheme.lower() in REMOTE_SCHEMES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / (Path(parts.path).name or 'data')
            with closing(Fetcher()) as fetch:
                fetch(name, path)
            yield path
        return
    path = _path(name)
    if not os.path.exists(path):
        raise MissingFileError(ErrorCode.STORAGE_NOT_FOUND, f'there is no file {str(path)!r} to read rows from.')
    yield path


def _path(name: str) -> Path:
    parts = urlsplit(name)
    return Path(url2pathname(parts.path) if parts.scheme == 'file' else name).expanduser()


def _format_of(name: str) -> str:
    suffixes = [suffix.lower() for suffix in Path(urlsplit(name).path).suffixes if suffix.lower() not in _PACKED]
    if urlsplit(name).scheme not in REMOTE_SCHEMES and os.path.isdir(_path(name)):  # unlike Path, it takes any text
        return 'parquet'
    if suffixes and suffixes[-1] in _SUFFIXES:
        return _SUFFIXES[suffixes[-1]]
    raise RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'{name!r} is no rows, nor a file whose format its name tells: give source_format, one of '
        f'{", ".join(map(repr, FORMATS))}.',
    )


def _csv(path: Path, options: dict[str, Any], texts: Collection[str]) -> Any:
    if '.tsv' in path.suffixes:
        options.setdefault('sep', '\t')
    return _with_texts(require('pandas', 'pandas').read_csv, path, options, texts)


def _excel(path: Path, options: dict[str, Any], texts: Collection[str]) -> Any:
    require('openpyxl', 'excel')
    return _with_texts(require('pandas', 'pandas').read_excel, path, options, texts)


def _with_texts(read: Callable[..., Any], path: Path, options: dict[str, Any], texts: Collection[str]) -> Any:
    """The frame, in which the columns `texts`, named as in the file or as in the table, keep a number such as 007 as it is."""
    if texts and 'dtype' not in options:
        header = list(read(path, **options | {'nrows': 0}).columns)
        names = column_names(map(str, header), ())
        options['dtype'] = {name: 'str' for name in header if str(name) in texts or names[str(name)] in texts}
    return read(path, **options)


def _json(path: Path, options: dict[str, Any], _texts: Collection[str]) -> list[Any]:
    """A list of objects, or one object a line."""
    text = path.read_text(encoding='utf-8-sig')
    if text.lstrip()[:1] == '[':
        rows: list[Any] = json.loads(text, **options)
    else:
        rows = [json.loads(line, **options) for line in text.split('\n') if line.strip()]
    wrong = next((row for row in rows if not isinstance(row, Mapping)), None)
    if wrong is not None:
        raise ValueError(f'it holds {wrong!r:.80}, and a row is an object')
    return rows


def _parquet(path: Path, options: dict[str, Any], _texts: Collection[str]) -> ArrowRows:
    import pyarrow.dataset as ds  # which loads pandas

    dataset = ds.dataset(path, format='parquet', **options)
    return ArrowRows(dataset.schema, (pa.Table.from_batches([batch]) for batch in dataset.to_batches()))


_READERS: dict[str, Callable[[Path, dict[str, Any], Collection[str]], Any]] = {
    'csv': _csv,
    'excel': _excel,
    'json': _json,
    'parquet': _parquet,
}
