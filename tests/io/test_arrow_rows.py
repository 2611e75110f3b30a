"""Arrow data in all the shapes in which users have it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pixeltable.io.arrow_rows import ArrowRows, opened

TABLE = pa.table({'k': range(10)})


def batches(rows: int = 3) -> Iterator[pa.RecordBatch]:
    return iter(TABLE.to_batches(max_chunksize=rows))


def parquet(folder: Path) -> Any:
    pq.write_table(TABLE, folder / 'k.parquet')
    return pq.ParquetFile(folder / 'k.parquet').iter_batches(4)


@pytest.mark.parametrize(
    'make',
    [
        lambda _: TABLE,
        lambda _: TABLE.combine_chunks().to_batches()[0],
        lambda _: pa.RecordBatchReader.from_batches(TABLE.schema, batches()),
        lambda _: batches(),
        lambda _: list(batches()),
        lambda _: [TABLE.slice(0, 4), TABLE.slice(4)],
        parquet,
        lambda _: pd.DataFrame({'k': range(10)}),
        lambda _: duckdb.sql('SELECT unnest(range(10)) AS k'),
    ],
    ids=['table', 'batch', 'reader', 'generator', 'list', 'tables', 'Parquet', 'pandas', 'stream protocol'],
)
def test_sources(make: Any, tmp_path: Path) -> None:
    source = opened(make(tmp_path))
    assert isinstance(source, ArrowRows)
    assert source.schema.names == ['k']
    assert pa.concat_tables(source.chunks(100))['k'].to_pylist() == list(range(10))


def test_rows_that_are_no_arrow_data_are_all_still_there() -> None:
    rows = [{'k': 1}, {'k': 2}]
    assert opened(rows) is rows
    assert list(opened(row for row in rows)) == rows
    assert list(opened(iter([]))) == []
    assert opened({'k': 1}) == {'k': 1}
    assert opened('text') == 'text'


def test_small_tables_are_put_together_and_large_ones_cut() -> None:
    sizes = [chunk.num_rows for chunk in opened(batches(3)).chunks(7)]
    assert sizes == [6, 4]
    assert [chunk.num_rows for chunk in opened(TABLE).chunks(4)] == [4, 4, 2]


def test_wide_rows_make_small_chunks() -> None:
    assert [chunk.num_rows for chunk in opened(TABLE).chunks(100, 32)] == [4, 4, 2]


def test_tables_of_another_schema_are_chunks_of_their_own() -> None:
    other = pa.table({'k': [1], 'x': [2]})
    assert [chunk.column_names for chunk in opened([TABLE, TABLE, other]).chunks(100)] == [['k'], ['k', 'x']]
