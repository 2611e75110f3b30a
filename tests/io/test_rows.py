"""What can be inserted, turned into tables of fields."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pixeltable.catalog.records import ColumnRecord, Schema, TableRecord
from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.io import rows
from pixeltable.types.column_type import FLOAT, INT, STRING, TIMESTAMP

SCHEMA = Schema(
    TableRecord('t', 'dir/t'),
    (
        ColumnRecord(1, 'k', INT),
        ColumnRecord(2, 's', STRING.with_nullable(True)),
        ColumnRecord(3, 'f', FLOAT.with_nullable(True)),
        ColumnRecord(4, 'at', TIMESTAMP.with_nullable(True)),
        ColumnRecord(5, 'c', INT.with_nullable(True), {'op': 'x'}, 'f', (1,)),
    ),
)
ZONE = ZoneInfo('Europe/Berlin')


def tables(source, schema=SCHEMA) -> list[pa.Table]:
    return list(rows.tables_of(schema, source, ZONE))


def test_fields_are_named_by_id() -> None:
    (table,) = tables([{'s': 'x', 'k': 1}, {'k': 2}])
    assert table.to_pylist() == [{'c2': 'x', 'c1': 1}, {'c2': None, 'c1': 2}]


def test_names_in_any_case() -> None:
    (table,) = tables([{'K': 1}])
    assert table.to_pylist() == [{'c1': 1}]


def test_naive_times_are_in_the_zone_of_the_session() -> None:
    (table,) = tables([{'k': 1, 'at': datetime.datetime(2024, 7, 1, 12)}])
    assert table['c4'].to_pylist()[0].astimezone(datetime.UTC).hour == 10


def test_long_sources_come_in_chunks(monkeypatch) -> None:
    monkeypatch.setattr(rows, 'CHUNK_ROWS', 4)
    assert [table.num_rows for table in tables({'k': n} for n in range(10))] == [4, 4, 2]
    assert [table.num_rows for table in tables(pa.table({'k': range(9)}))] == [4, 4, 1]


def test_row_numbers_count_over_chunks(monkeypatch) -> None:
    monkeypatch.setattr(rows, 'CHUNK_ROWS', 4)
    with pytest.raises(RequestError, match=r'row 6'):
        tables({'k': 'x' if n == 6 else n} for n in range(10))
    with pytest.raises(NotFoundError, match=r'row 5'):
        tables({'k': n} | ({'extra': 1} if n == 5 else {}) for n in range(10))


def test_rows_without_values() -> None:
    optional = Schema(SCHEMA.table, SCHEMA.columns[1:3])
    (table,) = tables([{}, {}], optional)
    assert table.num_rows == 2


def test_pandas() -> None:
    frame = pd.DataFrame({'k': [1, 2], 's': ['x', None], 'f': [np.nan, 1.5]}, index=[7, 9])
    (table,) = tables(frame)
    assert table.to_pylist() == [{'c1': 1, 'c2': 'x', 'c3': None}, {'c1': 2, 'c2': None, 'c3': 1.5}]


def test_an_empty_frame() -> None:
    assert sum(table.num_rows for table in tables(pd.DataFrame({'k': pd.Series([], dtype='int64')}))) == 0


@pytest.mark.parametrize(
    ('source', 'code', 'words'),
    [
        ([{'k': 1, 'x': 1}], ErrorCode.COLUMN_NOT_FOUND, "row 0: table 'dir/t' has no column 'x'"),
        (pa.table({'k': [1], 'x': [1]}), ErrorCode.COLUMN_NOT_FOUND, "'x'"),
        (pd.DataFrame({'k': [1], 0: [1]}), ErrorCode.COLUMN_NOT_FOUND, "0"),
        ([{'k': 1, 'c': 1}], ErrorCode.UNSUPPORTED_OPERATION, 'computed'),
        (pa.table({'s': ['x']}), ErrorCode.MISSING_REQUIRED, "'k'"),
        (pa.table({'k': ['x']}), ErrorCode.UNSUPPORTED_OPERATION, "'k'"),
        (pd.DataFrame({'k': [1.5]}), ErrorCode.UNSUPPORTED_OPERATION, "'k'"),
        (pd.DataFrame({'k': [1, None]}), ErrorCode.UNSUPPORTED_OPERATION, "'k'"),
        (5, ErrorCode.UNSUPPORTED_OPERATION, 'cannot insert 5'),
        ([[1, 2]], ErrorCode.UNSUPPORTED_OPERATION, 'each row is a dict'),
    ],
)  # fmt: skip
def test_mistakes(source, code, words) -> None:
    with pytest.raises((RequestError, NotFoundError), match=words) as caught:
        tables(source)
    assert caught.value.error_code is code
