"""Statistics never leave out a value that is there: each test writes a file and asks what the catalog would know of it."""

from __future__ import annotations

import datetime
import json
import math
import uuid
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import build, choices
from pixeltable.exprs.conditions import Condition, conditions
from pixeltable.exprs.nodes import Field
from pixeltable.exprs.sql import to_sql
from pixeltable.storage import stats
from pixeltable.storage.files import encode_parquet
from pixeltable.storage.footers import Footer
from pixeltable.storage.stats import Bounds, may_match
from pixeltable.types.arrow import encode
from pixeltable.types.column_type import BINARY, BOOL, DATE, FLOAT, INT, STRING, TIMESTAMP, UUID, ColumnType

UTC = datetime.UTC
VALUES = {
    INT: st.one_of(st.integers(-3, 3), st.sampled_from([2**53 + 1, 2**53 + 3, -(2**53) - 1, 2**63 - 1, -(2**63)])),
    FLOAT: st.one_of(st.integers(-3, 3).map(float), st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 2.0**53])),
    BOOL: st.booleans(),
    STRING: st.one_of(
        st.text('aé\U0010ffff', max_size=3),
        st.sampled_from(['a' * 40, 'a' * 31 + '\U0010ffff' * 5, '\U0010ffff' * 40, '\ud7ff' * 40, 'a' * 32]),
    ),
    TIMESTAMP: st.datetimes(datetime.datetime(1960, 1, 1), datetime.datetime(2040, 1, 1), timezones=st.just(UTC)),
    DATE: st.dates(),
    UUID: st.sampled_from([uuid.UUID(int=n) for n in (0, 1, 2**127, 2**128 - 1)]),
    BINARY: st.one_of(st.binary(max_size=2), st.sampled_from([b'\xff' * 40, b'\xfe' + b'\xff' * 40])),
}


def bounds_of(values: list[Any], type_: ColumnType) -> Bounds:
    table = pa.table({'x': encode(values, type_)})
    footer = Footer.read(pa.py_buffer(encode_parquet(table, [7])))
    return stats.parse(stats.of_file(footer.metadata, table, [7]))[7]


@st.composite
def columns_and_predicates(draw: st.DrawFn) -> tuple[list[Any], ColumnType, Any]:
    type_ = draw(st.sampled_from(list(VALUES)))
    values = draw(st.lists(st.one_of(VALUES[type_], st.none()), min_size=1, max_size=4))
    constants = st.one_of(VALUES[INT], VALUES[FLOAT]) if type_.is_numeric else VALUES[type_]
    field = Field(type_.with_nullable(True), 'x')
    operation = draw(st.sampled_from(['eq', 'lt', 'le', 'gt', 'ge', 'in', 'eq None', 'ne None']))
    if operation == 'in':
        return values, type_, choices.is_in(field, draw(st.lists(constants, max_size=3)))
    if operation.endswith('None'):
        return values, type_, build.operation(operation.split()[0], field, None)
    return values, type_, build.operation(operation, field, draw(constants))


@given(columns_and_predicates())
def test_a_file_with_a_match_is_never_skipped(case: tuple[list[Any], ColumnType, Any]) -> None:
    values, type_, predicate = case
    found = conditions(predicate)
    sql = to_sql(predicate)
    if not found or sql is None:
        return
    x = pa.table({'x': encode(values, type_)})  # noqa: F841  DuckDB finds it by its name
    matches = duckdb.sql(f"SET TimeZone = 'UTC'; SELECT count(*) FROM x WHERE {sql}").fetchall()[0][0]
    bounds = bounds_of(values, type_)
    if matches:
        assert all(may_match(bounds, len(values), condition) for condition in found)


def condition(op: Any, *values: Any) -> Condition:
    return Condition(Field(INT, 'x'), op, values)


@pytest.mark.parametrize(
    ('op', 'values'),
    [('eq', [9]), ('lt', [1]), ('le', [0]), ('gt', [5]), ('ge', [6]), ('in', [0, 6]), ('in', []), ('is_null', [])],
)
def test_a_file_without_a_match_is_skipped(op: str, values: list[int]) -> None:
    assert not may_match(bounds_of([1, 3, 5], INT), 3, condition(op, *values))
    assert may_match(Bounds(), 3, condition(op, *values)) or (op == 'in' and not values)


def test_only_nulls() -> None:
    bounds = bounds_of([None, None], STRING)
    assert bounds == Bounds(None, None, 2, may_be_nan=False, repeats=False)
    assert may_match(bounds, 2, condition('is_null'))
    assert not may_match(bounds, 2, condition('is_not_null'))
    assert not may_match(bounds, 2, condition('ge', 'a'))


def test_nan_is_above_all_numbers() -> None:
    assert may_match(bounds_of([1.0, math.nan], FLOAT), 2, condition('gt', 5.0))
    assert not may_match(bounds_of([1.0, 2.0], FLOAT), 2, condition('gt', 5.0))


@pytest.mark.parametrize(
    ('text', 'high'),
    [
        ('b' * 33, 'b' * 31 + 'c'),
        ('b' * 31 + '\U0010ffff\U0010ffff', 'b' * 30 + 'c'),
        ('b' * 31 + '\ud7ffx', 'b' * 31 + '\ue000'),
        ('\U0010ffff' * 33, None),
        (b'\xff' * 33, None),
        (b'\x01' * 33, b'\x01' * 31 + b'\x02'),
    ],
)
def test_long_bounds_are_rounded_outwards(text: Any, high: Any) -> None:
    bounds = bounds_of([text], STRING if isinstance(text, str) else BINARY)
    assert (bounds.low, bounds.high) == (text[:32], high)


def test_a_column_of_another_type_than_its_files_skips_nothing() -> None:
    assert may_match(Bounds('a', 'b', 0), 3, condition('eq', 5))
    assert may_match(Bounds(1, 2, 0), 3, condition('eq', 'x'))


def test_texts_that_repeat_are_known() -> None:
    assert bounds_of(['red', 'green'] * 500, STRING).repeats
    assert not bounds_of([str(n) for n in range(1000)], STRING).repeats


def test_only_the_first_columns_and_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stats, 'MAX_COLUMNS', 2)
    table = pa.table({'v': pa.array([[1.0]], pa.list_(pa.float64(), 1)), **{f'c{n}': [n] for n in range(4)}})
    footer = Footer.read(pa.py_buffer(encode_parquet(table, range(5))))
    assert list(stats.parse(stats.of_file(footer.metadata, table, range(5), keys=[4]))) == [1, 2, 4]


def test_a_document_of_a_newer_release() -> None:
    with pytest.raises(RequestError, match='newer') as error:
        stats.parse(json.dumps({'tag': 'stats', 'version': 99, 'columns': []}))
    assert error.value.error_code is ErrorCode.INVALID_CONFIGURATION
