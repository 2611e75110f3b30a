from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pixeltable as pxt
from pixeltable.api.results import ResultSet
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types import column_type as ct
from pixeltable.types.arrow import encode
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind

BERLIN = ZoneInfo('Europe/Berlin')
VECTOR = ColumnType(Kind.ARRAY, detail=ArrayShape((2,), 'float32'))
NOON = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)


def result(**columns: tuple[ColumnType, list[Any]]) -> ResultSet:
    data = pa.table({name: encode(values, type_) for name, (type_, values) in columns.items()})
    return ResultSet(data, {name: type_ for name, (type_, _) in columns.items()}, BERLIN)


@pytest.fixture
def rs() -> ResultSet:
    return result(
        k=(ct.INT, [1, 2, 3]),
        Title=(ct.STRING.with_nullable(True), ['a', None, 'c']),
        info=(ct.JSON, [{'x': 1}, [], 'text']),
        at=(ct.TIMESTAMP, [NOON] * 3),
        vector=(VECTOR, [np.array([n, 0.5], 'float32') for n in range(3)]),
    )


def test_schema(rs: ResultSet) -> None:
    assert list(rs.schema) == ['k', 'Title', 'info', 'at', 'vector']
    assert rs.schema['Title'] == 'String | None'


def test_rows(rs: ResultSet) -> None:
    assert len(rs) == 3
    assert rs[0]['info'] == {'x': 1}
    assert rs[-1]['k'] == rs[np.int64(2)]['k'] == 3
    assert [row['k'] for row in rs] == [1, 2, 3]


def test_columns_and_cells(rs: ResultSet) -> None:
    assert rs['Title'] == rs['title'] == ['a', None, 'c']
    assert rs[1, 'k'] == 2
    assert rs['vector'][2].tolist() == [2.0, 0.5]


def test_a_column_is_the_callers_own_list(rs: ResultSet) -> None:
    rs['k'].clear()
    assert rs['k'] == [1, 2, 3]


def test_timestamps_are_in_the_zone(rs: ResultSet) -> None:
    assert rs[0, 'at'].isoformat() == '2024-05-01T14:00:00+02:00'


def test_slices(rs: ResultSet) -> None:
    assert rs[1:]['k'] == [2, 3]
    assert rs[2:1]['k'] == []
    assert rs[::-2]['vector'][0].tolist() == [2.0, 0.5]
    assert rs.reversed()['k'] == [3, 2, 1]
    assert rs[1:][0:1]['info'] == [[]]


@given(st.integers(0, 8), st.slices(8))
def test_slices_are_those_of_lists(rows: int, part: slice) -> None:
    values = list(range(rows))
    assert result(k=(ct.INT, values))[part]['k'] == values[part]


@pytest.mark.parametrize('position', [3, -4])
def test_no_such_row(rs: ResultSet, position: int) -> None:
    with pytest.raises(IndexError, match='3 rows'):
        rs[position]


def test_no_such_column(rs: ResultSet) -> None:
    with pytest.raises(RequestError, match=r"no column 'vectr'\. Did you mean 'vector'\?") as raised:
        rs['vectr']
    assert raised.value.error_code is ErrorCode.INVALID_COLUMN_NAME
    with pytest.raises(RequestError, match='no column'):
        rs[0, 'other']


@pytest.mark.parametrize('key', [1.5, None, (1, 2.0), ('k', 0)])
def test_no_such_key(rs: ResultSet, key: Any) -> None:
    with pytest.raises(RequestError, match='row, column'):
        rs[key]


def test_equality(rs: ResultSet) -> None:
    assert rs == rs[:]
    assert rs == list(rs)
    assert rs != rs[:2]
    assert rs != list(rs)[:2]
    assert rs != 'abc'
    assert rs != result(k=(ct.INT, [1, 2, 3]))


def test_equality_ignores_the_order_of_columns_and_knows_nan() -> None:
    nan = float('nan')
    left = result(a=(ct.FLOAT, [nan]), b=(VECTOR, [np.array([nan, 1], 'float32')]))
    right = result(b=(VECTOR, [np.array([nan, 1], 'float32')]), a=(ct.FLOAT, [nan]))
    assert left == right
    assert left == [{'a': nan, 'b': np.array([nan, 1])}]
    assert left != [{'a': nan, 'b': np.array([nan, 2])}]
    assert left != [{'a': nan, 'b': [nan, 1]}]


def test_chunks_and_no_rows() -> None:
    data = pa.chunked_array([pa.array([1]), pa.array([2, 3])])
    rs = ResultSet(pa.table({'k': data}), {'k': ct.INT}, BERLIN)
    assert rs['k'] == [1, 2, 3]
    assert rs[2] == {'k': 3}
    assert rs[3:] == []
    assert list(rs[3:]) == []


def test_to_arrow(rs: ResultSet) -> None:
    assert rs.to_arrow().column('info').to_pylist() == ['{"x":1}', '[]', '"text"']


def test_repr() -> None:
    rs = result(k=(ct.INT, list(range(1000))), t=(ct.STRING, ['x'] * 1000))
    lines = repr(rs).split('\n')
    assert lines[:3] == [' k  t', '──  ─', ' 0  x']
    assert lines[-1] == '… 960 more rows'
    assert '… 960 more rows' in rs._repr_html_()


def test_repr_of_nothing() -> None:
    assert repr(result(k=(ct.INT, []))) == 'k\n─\n(no rows)'


def test_a_cell_is_found_by_the_number_of_its_column(home) -> None:
    t = pxt.create_table('numbered', {'k': pxt.Int, 's': pxt.String})
    t.insert(k=1, s='a')
    found = t.collect()
    assert (found[0, 0], found[0, 1], found[-1, -1]) == (1, 'a', 'a')
    with pytest.raises(IndexError):
        found[0, 2]
