"""Every function with a SQL form gives the same in DuckDB as in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixeltable.functions import date, string
from pixeltable.functions import math as numbers
from pixeltable.functions import uuid as uuids
from pixeltable.types.column_type import Kind
from pixeltable.udf.function import Function

_TEXT = st.text(st.characters(exclude_categories=['Cs']), max_size=8) | st.text('aAbBßıİΣς \u0301é', max_size=6)
_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.STRING: _TEXT,
    Kind.INT: st.integers(-(2**62), 2**62),
    Kind.FLOAT: st.floats() | st.integers(-5, 5).map(float),
    Kind.DATE: st.dates(),
    Kind.UUID: st.uuids(),
}
_ARROW = {
    Kind.STRING: pa.string(),
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.UUID: pa.uuid(),
}
_SMALL = {'repeat': {'n': st.integers(-3, 20)}}


def _with_sql(module: ModuleType) -> Iterator[Function]:
    for value in vars(module).values():
        if isinstance(value, Function) and value.sql is not None:
            yield value


_FUNCTIONS = [function for module in (string, numbers, date, uuids) for function in _with_sql(module)]


@pytest.fixture(scope='module')
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _column(values: list[Any], kind: Kind) -> pa.Array:
    if kind is Kind.UUID:
        return pa.ExtensionArray.from_storage(pa.uuid(), pa.array([value.bytes for value in values], pa.binary(16)))
    return pa.array(values, _ARROW[kind])


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return repr(a) == repr(b)
    return type(a) is type(b) and bool(a == b)


@pytest.mark.parametrize('function', _FUNCTIONS, ids=lambda function: f'{function.module}.{function.name}')
@settings(max_examples=40)
@given(data=st.data())
def test_sql_and_python_agree(function: Function, database: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    assert function.sql is not None
    names = list(dict.fromkeys(re.findall(r'\{(\w+)\}', function.sql)))
    strategies, columns = [], {}
    for name in names:
        type_ = function.signature.find(name).type
        assert type_ is not None
        strategies.append(_SMALL.get(function.name, {}).get(name, _VALUES[type_.kind]))
        columns[name] = type_.kind
    rows = data.draw(st.lists(st.tuples(*strategies), min_size=1, max_size=20))
    table = pa.table({name: _column([row[i] for row in rows], columns[name]) for i, name in enumerate(names)})
    sql = re.sub(r'\{(\w+)\}', r'("\1")', function.sql)
    found = database.from_arrow(table).select(duckdb.SQLExpression(sql)).fetchall()
    for row, (result,) in zip(rows, found, strict=True):
        expected = function.py_fn(**dict(zip(names, row, strict=True)))
        assert _same(expected, result), (row, expected, result)


def test_there_are_sql_forms() -> None:
    assert {'contains', 'len', 'sqrt', 'year'} <= {function.name for function in _FUNCTIONS}
