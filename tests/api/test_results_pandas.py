from __future__ import annotations

import datetime
import sys
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from pixeltable.api.results import ResultSet
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types import column_type as ct
from pixeltable.types.arrow import encode
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind

VECTOR = ColumnType(Kind.ARRAY, detail=ArrayShape((2,), 'float32'))
NOON = datetime.datetime(2024, 5, 1, 12, 0, 0, 5, datetime.UTC)


def frame(type_: ColumnType, *values: Any, zone: datetime.tzinfo = datetime.UTC) -> Any:
    pytest.importorskip('pandas')
    return ResultSet(pa.table({'c': encode(values, type_)}), {'c': type_}, zone).to_pandas()['c']


def test_numbers() -> None:
    assert frame(ct.INT, 1, 2).dtype == 'int64'
    assert frame(ct.FLOAT, 1.5, None).dtype == 'float64'
    assert frame(ct.FLOAT, 1.5, None).isna().tolist() == [False, True]
    assert frame(ct.BOOL, True, False).dtype == 'bool'


def test_null_keeps_whole_numbers_exact() -> None:
    series = frame(ct.INT, 2**53 + 1, None)
    assert series[0] == 2**53 + 1
    assert series.isna().tolist() == [False, True]
    assert frame(ct.BOOL, True, None).dtype == 'boolean'


def test_text() -> None:
    series = frame(ct.STRING, 'a', None)
    assert series[0] == 'a'
    assert series.str.upper()[0] == 'A'
    assert series.isna()[1]


@pytest.mark.parametrize(
    'zone', [datetime.UTC, ZoneInfo('Europe/Berlin'), datetime.timezone(datetime.timedelta(hours=5))]
)
def test_timestamps(zone: datetime.tzinfo) -> None:
    series = frame(ct.TIMESTAMP, NOON, None, zone=zone)
    assert series[0] == NOON
    assert series[0].utcoffset() == NOON.astimezone(zone).utcoffset()
    assert series.isna()[1]


@pytest.mark.parametrize(
    ('type_', 'value'),
    [
        (ct.DATE, NOON.date()),
        (ct.UUID, uuid.UUID(int=7)),
        (ct.BINARY, b'\x00'),
        (ct.JSON, {'a': [1]}),
        (ct.JSON, [1, 2]),
    ],
)
def test_objects(type_: ColumnType, value: Any) -> None:
    series = frame(type_, value, None, value)
    assert series.dtype == object
    assert series.tolist() == [value, None, value]


@pytest.mark.parametrize(
    ('values', 'dtype'),
    [
        ((1, 2), 'int64'),
        ((1.5, None), 'float64'),
        ((1, None), 'float64'),
        ((True, False), 'bool'),
        ((1, 'a'), 'object'),
    ],
)
def test_pandas_can_calculate_with_what_was_in_json(values: tuple[Any, ...], dtype: str) -> None:
    assert frame(ct.JSON, *values).dtype == dtype


def test_texts_out_of_json() -> None:
    series = frame(ct.JSON, 'a', None)
    assert series.dtype == frame(ct.STRING, 'a', None).dtype
    assert series[0] == 'a'


def test_arrays() -> None:
    series = frame(VECTOR, np.zeros(2, 'float32'), np.ones(2, 'float32'))
    assert series.shape == (2,)
    assert series[1].tolist() == [1.0, 1.0]


def test_no_rows_and_many_chunks() -> None:
    assert len(frame(ct.STRING)) == len(frame(ct.TIMESTAMP)) == len(frame(ct.JSON)) == 0
    pytest.importorskip('pandas')
    data = pa.table({'c': pa.chunked_array([pa.array([1]), pa.array([2, None])])})
    assert ResultSet(data, {'c': ct.INT}, datetime.UTC).to_pandas()['c'].tolist()[:2] == [1, 2]


def test_the_frame_can_be_changed() -> None:
    pytest.importorskip('pandas')
    rs = ResultSet(pa.table({'a': [1, 2], 'b': [1.0, 2.0]}), {'a': ct.INT, 'b': ct.FLOAT}, datetime.UTC)
    changed = rs.to_pandas()
    changed.loc[0, 'a'] = 9
    changed.to_numpy()[:] = 7
    assert rs['a'] == [1, 2]


def test_pandas_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'pandas', None)
    with pytest.raises(RequestError, match=r"pip install 'pixeltable\[pandas\]'") as raised:
        ResultSet(pa.table({'a': [1]}), {'a': ct.INT}, datetime.UTC).to_pandas()
    assert raised.value.error_code is ErrorCode.INVALID_CONFIGURATION
