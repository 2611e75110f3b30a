"""What is accepted comes back equal, for every kind, through Arrow, Parquet and DuckDB."""

import datetime
import io
import uuid
import zoneinfo
from typing import Any

import duckdb
import hypothesis.extra.numpy as hnp
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixeltable.types import arrow, coerce
from pixeltable.types import column_type as ct
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind

ZONE = zoneinfo.ZoneInfo('America/New_York')
TEXT = st.text(st.characters(exclude_categories=['Cs']))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)
DTYPES = ['bool', 'int8', 'uint8', 'int64', 'uint64', 'float16', 'float32', 'float64']

VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.STRING: TEXT,
    Kind.INT: st.integers(-(2**63), 2**63 - 1),
    Kind.FLOAT: st.floats(allow_nan=False),
    Kind.BOOL: st.booleans(),
    Kind.TIMESTAMP: st.datetimes(timezones=st.just(datetime.UTC)) | st.datetimes(),
    Kind.DATE: st.dates(),
    Kind.UUID: st.uuids(),
    Kind.BINARY: st.binary(),
    Kind.JSON: JSON_VALUES.filter(lambda value: value is not None),
    **dict.fromkeys(sorted(ct.MEDIA_KINDS), TEXT),
}


def array_type(shape: tuple[int | None, ...] | None, dtype: str | None) -> ColumnType:
    return ColumnType(Kind.ARRAY, nullable=True, detail=ArrayShape(shape, dtype))


def canonical(value: Any, type_: ColumnType) -> Any:
    try:
        return coerce.coerce(value, type_, column='x', zone=ZONE)
    except coerce.RequestError:  # a time at the very end of the calendar
        return None


def same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b)
    return type(a) is type(b) and a == b


@pytest.mark.parametrize('kind', list(VALUES))
@given(data=st.data())
def test_scalars(kind: Kind, data: st.DataObject) -> None:
    type_ = ColumnType(kind, nullable=True)
    given_values = data.draw(st.lists(st.none() | VALUES[kind], max_size=6))
    values = [canonical(value, type_) for value in given_values]
    encoded = arrow.encode(values, type_)
    encoded.validate(full=True)
    assert encoded.type == arrow.storage_type(type_)
    assert arrow.decode(encoded, type_, ZONE) == values
    assert [canonical(value, type_) for value in values] == values
    assert arrow.decode(encoded.slice(1), type_, ZONE) == values[1:]
    assert coerce.column_to_arrow(values, type_, column='x', zone=ZONE).equals(encoded)


@given(data=st.data(), dtype=st.sampled_from(DTYPES), shape=hnp.array_shapes(min_dims=0, max_side=4))
def test_arrays_of_fixed_shape(data: st.DataObject, dtype: str, shape: tuple[int, ...]) -> None:
    elements = {'allow_nan': False} if dtype.startswith('float') else None
    values = data.draw(st.lists(st.none() | hnp.arrays(dtype, shape, elements=elements), max_size=4))
    type_ = array_type(shape, dtype)
    encoded = coerce.column_to_arrow(values, type_, column='x')
    encoded.validate(full=True)
    assert encoded.type == arrow.storage_type(type_)
    for start in (0, 1):
        decoded = arrow.decode(encoded.slice(start), type_, ZONE)
        assert len(decoded) == len(values[start:])
        assert all(map(same, values[start:], decoded))


@given(data=st.data())
def test_arrays_of_any_shape_and_dtype(data: st.DataObject) -> None:
    shapes = hnp.array_shapes(min_dims=0, min_side=0, max_side=3)
    texts = hnp.arrays('U3', shapes, elements=st.text('aäç', max_size=3))
    numbers = hnp.arrays(st.sampled_from(DTYPES), shapes).filter(lambda array: not np.isnan(array).any())
    values = data.draw(st.lists(st.none() | numbers | texts, max_size=4))
    type_ = array_type(None, None)
    encoded = coerce.column_to_arrow(values, type_, column='x')
    encoded.validate(full=True)
    for start in (0, 1):
        assert all(map(same, values[start:], arrow.decode(encoded.slice(start), type_, ZONE)))


def test_decoded_arrays_are_writable() -> None:
    for type_ in (array_type((2,), 'float32'), array_type(None, None)):
        encoded = arrow.encode([np.ones(2, np.float32)], type_)
        arrow.decode(encoded, type_, ZONE)[0][0] = 5
        assert arrow.decode(encoded, type_, ZONE)[0].tolist() == [1, 1]


SAMPLES: list[tuple[ColumnType, Any]] = [
    (ct.STRING, 'tëxt'),
    (ct.INT, 2**62),
    (ct.FLOAT, 0.1),
    (ct.BOOL, True),
    (ct.TIMESTAMP, datetime.datetime(2024, 7, 1, 12, tzinfo=ZONE)),
    (ct.DATE, datetime.date(1900, 1, 1)),
    (ct.UUID, uuid.UUID(int=2**127 + 5)),
    (ct.BINARY, b'\0\xff'),
    (ct.JSON, {'a': [1, None, 'ü']}),
    (array_type((3,), 'float32'), np.arange(3, dtype=np.float32)),
    (array_type((2, 2), 'bool'), np.eye(2, dtype=bool)),
    (array_type((2, 2), 'int16'), np.eye(2, dtype=np.int16)),
    (array_type((None,), 'str'), np.array(['a', 'bcd'])),
    (array_type(None, None), np.zeros((2, 0, 3), np.float16)),
]


@pytest.mark.parametrize(('type_', 'value'), SAMPLES, ids=str)
def test_parquet(type_: ColumnType, value: Any) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([arrow.encode([value, None], type_)], ['x']), sink)
    column = pq.read_table(sink)['x']
    assert column.type == arrow.storage_type(type_)
    first, second = arrow.decode(column, type_, ZONE)
    assert same(first, value)
    assert second is None


@pytest.mark.parametrize('lossless', [True, False])
@pytest.mark.parametrize(('type_', 'value'), SAMPLES, ids=str)
def test_duckdb(type_: ColumnType, value: Any, lossless: bool) -> None:
    table = pa.Table.from_arrays([arrow.encode([value, None], type_)], ['x'])
    with duckdb.connect() as connection:
        connection.execute(f'SET arrow_lossless_conversion = {lossless}')
        connection.register('source', table)
        column = connection.sql('SELECT x FROM source').to_arrow_table()['x']
    first, second = arrow.decode(column, type_, ZONE)
    assert same(first, value)
    assert second is None


def test_float16_lists_lie_in_parquet() -> None:
    type_ = array_type((4,), 'float16')
    value = np.arange(4, dtype=np.float16)
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([arrow.encode([value], type_)], ['x']), sink)
    assert same(arrow.decode(pq.read_table(sink)['x'], type_, ZONE)[0], value)


def test_no_chunks() -> None:
    assert arrow.decode(pa.chunked_array([], pa.int64()), ct.INT, ZONE) == []
