"""`pxt.io.export_…`: tables and queries as files. A file appears when it is whole, or not at all."""

from __future__ import annotations

import csv
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pixeltable.api.default import session
from pixeltable.api.reading import Readable
from pixeltable.api.results import ResultSet
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError
from pixeltable.media.data_urls import content_of
from pixeltable.media.library import Library
from pixeltable.media.references import is_content
from pixeltable.types.column_type import Kind
from pixeltable.types.plain import plain

ROWS_AT_ONCE = 10_000


def export_csv(
    table_or_query: Readable,
    file_path: str | os.PathLike[str],
    *,
    delimiter: str = ',',
    quoting: Any = csv.QUOTE_MINIMAL,
) -> None:
    """Writes the rows as CSV, with a line of names. Media are URLs, Json and arrays JSON text, NULL is empty.

    Raises:
        RequestError: INVALID_ARGUMENT for something else than a table or query, a bad delimiter, a path that cannot be written.
    """
    result = _rows(table_or_query)

    def write(part: Path) -> None:
        with part.open('w', newline='', encoding='utf-8') as file:
            writer = csv.writer(file, delimiter=delimiter, quoting=quoting)
            writer.writerow(result.schema)
            for rows in _plain(result):
                writer.writerows([_text(value) for value in row.values()] for row in rows)

    _whole(file_path, write)


def export_json(table_or_query: Readable, file_path: str | os.PathLike[str]) -> None:
    """Writes the rows as JSON, an object a line. Media are URLs, times ISO 8601, bytes base64. Raises like `export_csv`."""
    result = _rows(table_or_query)

    def write(part: Path) -> None:
        with part.open('w', encoding='utf-8') as file:
            for rows in _plain(result):
                file.writelines(json.dumps(row, ensure_ascii=False) + '\n' for row in rows)

    _whole(file_path, write)


def export_parquet(
    table_or_query: Readable,
    parquet_path: str | os.PathLike[str],
    partition_size_bytes: int = 100_000_000,
    inline_images: bool = False,
) -> None:
    """Writes the rows into a new folder of Parquet files of about `partition_size_bytes`; `import_parquet` reads it.

    Media are URLs; with `inline_images` pictures are the bytes of their files.

    Raises:
        AlreadyExistsError: PATH_ALREADY_EXISTS. RequestError: INVALID_ARGUMENT like `export_csv`.
    """
    result = _rows(table_or_query)
    if isinstance(partition_size_bytes, bool) or not isinstance(partition_size_bytes, int) or partition_size_bytes < 1:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'partition_size_bytes is a number from 1, not {partition_size_bytes!r}.'
        )
    if Path(parquet_path).exists():
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS, f'{str(parquet_path)!r} exists already; use another path.'
        )
    data = _portable(result, inline_images)
    rows = max(1, data.num_rows * partition_size_bytes // max(1, data.nbytes))

    def write(part: Path) -> None:
        part.mkdir()
        for number, start in enumerate(range(0, max(1, data.num_rows), rows)):
            pq.write_table(data.slice(start, rows), part / f'part-{number:05}.parquet')

    _whole(parquet_path, write)


def _rows(table_or_query: Any) -> ResultSet:
    if not isinstance(table_or_query, Readable):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'give a table or a query to export, not {table_or_query!r:.80}.'
        )
    return table_or_query.collect()


def _plain(result: ResultSet) -> Iterator[list[dict[str, Any]]]:
    data, types = result.to_arrow(), result.stored().types
    zone = session().settings.time_zone
    for start in range(0, len(result), ROWS_AT_ONCE):
        part = data.slice(start, ROWS_AT_ONCE)
        columns = [plain(part.column(name), type_, zone) for name, type_ in types.items()]
        yield [dict(zip(types, values, strict=True)) for values in zip(*columns, strict=True)]


def _text(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value


def _portable(result: ResultSet, inline_images: bool) -> pa.Table:
    """The rows with Arrow types that say what they are: Json as JSON, pictures as bytes if they are to be."""
    data, types = result.to_arrow(), result.stored().types
    library = session().engine.context.services.library
    columns = []
    for name, type_ in types.items():
        column = data.column(name)
        if type_.kind is Kind.JSON:
            column = column.cast(pa.string()).cast(pa.json_())
        elif type_.kind is Kind.IMAGE and inline_images:
            column = pa.array([_content(url, library) for url in column.to_pylist()], pa.binary())
        columns.append(column)
    return pa.table(dict(zip(types, columns, strict=True)))


def _content(url: str | None, library: Library) -> bytes | None:
    """The bytes of a picture."""
    if url is None:
        return None
    return bytes(content_of(url)) if is_content(url) else Path(library.path(url)).read_bytes()


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, TypeError, ValueError, csv.Error) as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{str(path)!r} cannot be written: {error}.') from error


def _whole(path: str | os.PathLike[str], write: Callable[[Path], None]) -> None:
    target = Path(path).expanduser()
    part = target.with_name(f'{target.name}.{uuid.uuid4().hex}.part')
    with _translated(target):
        try:
            write(part)
            part.replace(target)
        finally:
            if part.is_dir():
                shutil.rmtree(part)
            else:
                part.unlink(missing_ok=True)
