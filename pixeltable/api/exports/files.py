"""`pxt.io.export_…`: tables and queries as files. A file appears when it is whole, or not at all."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pixeltable.api.exports.arrow import Dialect, arrow_schema, arrow_tables
from pixeltable.api.exports.rows import empty_or, exported
from pixeltable.api.names import check_count
from pixeltable.api.reading import Readable
from pixeltable.api.whole_files import target_of, write_whole
from pixeltable.errors import AlreadyExistsError, ErrorCode
from pixeltable.types.column_type import Kind
from pixeltable.types.json_objects import readable

_PARQUET = Dialect(json=pa.json_(), uuid=pa.uuid(), tensor=pa.fixed_shape_tensor)
_MOST_ROWS = 1 << 20
_dumped = json.JSONEncoder(ensure_ascii=False, default=readable).encode


def export_csv(
    table_or_query: Readable,
    file_path: str | os.PathLike[str],
    *,
    delimiter: str = ',',
    quoting: Any = csv.QUOTE_MINIMAL,
) -> None:
    """Writes the rows as CSV, with a line of names. Media are URLs, Json and arrays JSON text, NULL is empty.

    Raises:
        RequestError: INVALID_ARGUMENT for something else than a table or query, a bad delimiter, a path that cannot be written;
            UNSUPPORTED_OPERATION for media that the query computes: they are nowhere that a URL could name.
    """

    def write(part: Path) -> None:
        with exported(table_or_query) as rows, part.open('w', newline='', encoding='utf-8') as file:
            writer = csv.writer(file, delimiter=delimiter, quoting=quoting)
            writer.writerow(rows.types)
            nested = [type_.kind in (Kind.JSON, Kind.ARRAY) for type_ in rows.types.values()]
            for columns in rows.plain():
                texts = [list(map(_text, each)) if deep else each for each, deep in zip(columns, nested, strict=True)]
                writer.writerows(zip(*texts, strict=True))

    write_whole(file_path, write)


def export_json(table_or_query: Readable, file_path: str | os.PathLike[str]) -> None:
    """Writes the rows as JSON, an object a line. Media are URLs, times ISO 8601, bytes base64. Raises like `export_csv`."""

    def write(part: Path) -> None:
        with exported(table_or_query) as rows, part.open('w', encoding='utf-8') as file:
            for columns in rows.plain():
                lines = (dict(zip(rows.types, values, strict=True)) for values in zip(*columns, strict=True))
                file.writelines(_dumped(line) + '\n' for line in lines)

    write_whole(file_path, write)


def export_parquet(
    table_or_query: Readable,
    parquet_path: str | os.PathLike[str],
    partition_size_bytes: int = 100_000_000,
    inline_images: bool = False,
) -> None:
    """Writes the rows into a new folder of Parquet files of about `partition_size_bytes`; `import_parquet` reads it.

    Json is JSON, arrays of a fixed shape are tensors and others lists, media URLs; with `inline_images` pictures are the bytes of
    their files, those that the query computes too.

    Raises:
        AlreadyExistsError: PATH_ALREADY_EXISTS. RequestError: INVALID_ARGUMENT and UNSUPPORTED_OPERATION like `export_csv`,
            UNSUPPORTED_OPERATION also for arrays of any shape.
    """
    size = check_count(partition_size_bytes, 'partition_size_bytes', 1)
    if target_of(parquet_path).exists():
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS, f'{str(parquet_path)!r} exists already; use another path.'
        )

    def write(part: Path) -> None:
        with exported(table_or_query, inline_images=inline_images) as rows:
            schema = arrow_schema(rows.types, dataclasses.replace(_PARQUET, inline_images=inline_images))
            part.mkdir()
            tables = arrow_tables(rows, schema, rows=_MOST_ROWS, size=size)
            for number, table in enumerate(empty_or(schema, tables)):
                pq.write_table(table, part / f'part-{number:05}.parquet')

    write_whole(parquet_path, write)


def _text(value: Any) -> Any:
    return _dumped(value) if isinstance(value, (dict, list)) else value
