from __future__ import annotations

import io

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pixeltable.storage import files


@pytest.fixture
def table() -> pa.Table:
    vectors = pa.array(np.arange(3000, dtype='float16'))
    return pa.table(
        {
            'number': pa.array(range(1000)),
            'color': pa.array(['red', 'green'] * 500),
            'title': pa.array([f'title {i}' for i in range(1000)]),
            'vector': pa.FixedSizeListArray.from_arrays(vectors, 3),
        }
    )


@pytest.fixture
def parquet(table: pa.Table) -> memoryview:
    return files.encode_parquet(table, [3, 4, 5, 6])


def chunks(parquet: memoryview) -> dict[str, pq.ColumnChunkMetaData]:
    group = pq.ParquetFile(io.BytesIO(parquet)).metadata.row_group(0)
    return {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}


def test_fields_carry_the_column_ids(parquet: memoryview) -> None:
    fields = pq.ParquetFile(io.BytesIO(parquet)).schema_arrow
    assert [field.metadata[b'PARQUET:field_id'] for field in fields] == [b'3', b'4', b'5', b'6']


def test_dictionary_only_where_values_repeat(parquet: memoryview) -> None:
    with_dictionary = [name for name, chunk in chunks(parquet).items() if chunk.has_dictionary_page]
    assert with_dictionary == ['color']


def test_embedding_is_stored_plain(parquet: memoryview) -> None:
    chunk = chunks(parquet)['vector.list.element']
    assert chunk.compression == 'UNCOMPRESSED'
    assert chunk.statistics is None or not chunk.statistics.has_min_max


def test_scalars_have_statistics(parquet: memoryview) -> None:
    statistics = chunks(parquet)['number'].statistics
    assert (statistics.min, statistics.max) == (0, 999)


def test_another_engine_reads_it(parquet: memoryview, tmp_path) -> None:
    path = tmp_path / 'a.parquet'
    path.write_bytes(parquet)
    rows = duckdb.sql(f"SELECT number, color, title FROM '{path}' ORDER BY number DESC LIMIT 1").fetchall()
    assert rows == [(999, 'green', 'title 999')]


def test_page_checksum_protects_a_column(parquet: memoryview) -> None:
    damaged = bytearray(parquet)
    chunk = chunks(parquet)['title']
    damaged[chunk.data_page_offset + chunk.total_compressed_size - 1] ^= 1
    with pytest.raises(OSError, match='CRC'):
        pq.ParquetFile(io.BytesIO(damaged), page_checksum_verification=True).read(['title'])


def test_ipc_reads_views_not_copies() -> None:
    data = files.encode_ipc(pa.table({'a': np.arange(1000)}))
    before = pa.total_allocated_bytes()
    read = files.decode_ipc(data)
    assert pa.total_allocated_bytes() - before < 1000
    assert read.column('a').to_pylist() == list(range(1000))


def test_ipc_drops_metadata_of_the_table() -> None:
    table = pa.table({'a': [1]}).replace_schema_metadata({'pandas': 'x' * 1000})
    assert len(files.encode_ipc(table)) < 500


def test_checksum_names_its_algorithm() -> None:
    assert files.checksum(b'abc') == 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'


@pytest.mark.parametrize('names', [['b', 'v', 'a'], ['v'], ['a', 'b']])
@pytest.mark.parametrize('rows', [0, 10_000])
def test_columns_are_read_in_any_order(names: list[str], rows: int) -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(rows * 4).astype(np.float16)), 4)
    table = pa.table({'a': np.arange(rows), 'v': vectors, 'b': -np.arange(rows)})
    found = files.decode_parquet(pa.py_buffer(files.encode_parquet(table, [1, 2, 3])), names)
    assert found.num_rows == rows
    assert all(found.column(name).cast(table.column(name).type).equals(table.column(name)) for name in names)


def test_lists_that_are_null_with_all_their_elements() -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(4.0)), 2)
    column = pa.chunked_array([vectors, pa.nulls(2, vectors.type)])
    read = files.decode_parquet(pa.py_buffer(files.encode_parquet(pa.table({'v': column}), [1])), ['v'])
    assert read.column('v').to_pylist() == [[0.0, 1.0], [2.0, 3.0], None, None]
