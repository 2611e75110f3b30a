"""What is written is read back, for every Arrow type that columns use, inlined and as Parquet, with and without nulls."""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixeltable.catalog.records import FileRecord, Segment, StoredColumn
from pixeltable.storage.objects.local import LocalStore
from pixeltable.storage.read_columns import ERROR_TYPE, ReadColumn
from pixeltable.storage.segments import SegmentStore

_HALVES = st.floats(width=16, allow_nan=False)
_SINGLES = st.floats(width=32, allow_nan=False)
_TEXT = st.text(max_size=20)
VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): _TEXT,
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.timestamp('us', 'UTC'): st.datetimes(timezones=st.just(datetime.UTC)),
    pa.date32(): st.dates(),
    pa.binary(16): st.binary(min_size=16, max_size=16),
    pa.uuid(): st.uuids().map(lambda value: value.bytes),
    pa.binary(): st.binary(max_size=50),
    pa.list_(pa.float16(), 3): st.lists(_HALVES.map(np.float16), min_size=3, max_size=3),
    pa.list_(pa.float32(), 2): st.lists(_SINGLES, min_size=2, max_size=2),
    pa.list_(pa.float32()): st.lists(_SINGLES, max_size=4),
    pa.list_(pa.list_(pa.int64(), 2), 2): st.lists(
        st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=2, max_size=2
    ),
    ERROR_TYPE: st.fixed_dictionaries({'errortype': _TEXT, 'errormsg': st.none() | _TEXT}),
}


def read_back(table: pa.Table, inline: bool) -> pa.Table:
    with tempfile.TemporaryDirectory() as folder:
        objects = LocalStore(Path(folder))
        columns = [StoredColumn(i, name) for i, name in enumerate(table.column_names, 1)]
        file = SegmentStore(objects).write('tables/t/', table, columns, inline=inline)
        record = FileRecord(1, 1, file.columns, file.size, file.checksum, file.path, file.data)
        segment = Segment(1, 't', len(table), 1, 1, len(table), (record,))
        wanted = [ReadColumn(i, field.name, field.type) for i, field in enumerate(table.schema, 1)]
        return SegmentStore(objects).read(segment, wanted)


@pytest.mark.parametrize('type_', VALUES, ids=str)
@pytest.mark.parametrize('inline', [True, False], ids=['inlined', 'parquet'])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_type(type_: pa.DataType, inline: bool, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | VALUES[type_], max_size=20))
    storage = pa.array(values, type_.storage_type) if isinstance(type_, pa.BaseExtensionType) else None
    column = pa.array(values, type_) if storage is None else pa.ExtensionArray.from_storage(type_, storage)
    table = pa.table({'a': column, 'b': pa.array(range(len(values)), pa.int64())})
    assert read_back(table, inline).equals(table)


@pytest.mark.parametrize('inline', [True, False], ids=['inlined', 'parquet'])
@pytest.mark.parametrize('values', [['x'] * 3000, [f'{i}' for i in range(3000)], [None] * 3000])
def test_strings_with_and_without_dictionary(inline: bool, values: list[str | None]) -> None:
    table = pa.table({'a': pa.array(values, pa.string())})
    assert read_back(table, inline).equals(table)


@pytest.mark.parametrize('inline', [True, False], ids=['inlined', 'parquet'])
def test_slices_and_chunks(inline: bool) -> None:
    whole = pa.table(
        {'a': [f'row {i}' for i in range(100)], 'v': pa.array([[i, i] for i in range(100)], pa.list_(pa.float32(), 2))}
    )
    table = pa.concat_tables([whole.slice(3, 5), whole.slice(50, 7)])
    assert read_back(table, inline).equals(table)


@pytest.mark.parametrize('inline', [True, False], ids=['inlined', 'parquet'])
def test_nan_and_infinity(inline: bool) -> None:
    values = np.array([np.nan, np.inf, -np.inf, -0.0])
    read = read_back(pa.table({'a': values}), inline)['a'].to_numpy()
    assert read.tobytes() == values.tobytes()


def test_more_rows_than_a_row_group() -> None:
    table = pa.table({'a': np.arange(300_000)})
    assert read_back(table, inline=False).equals(table)
