"""Rows that meet conditions: the same ones as DuckDB keeps, NULL and NaN included."""

from __future__ import annotations

import datetime
import math

import duckdb
import pyarrow as pa
import pytest

from pixeltable.exec.operators.filter import keep
from pixeltable.exprs import build
from pixeltable.exprs.conditions import exact
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.exprs.sql import to_sql
from pixeltable.types.column_type import DATE, FLOAT, INT, TIMESTAMP

N, F, T, D = (Expr(Field(type_, name)) for type_, name in ((INT, 'n'), (FLOAT, 'f'), (TIMESTAMP, 't'), (DATE, 'd')))
DAY = datetime.date(1969, 12, 31)
NOON = datetime.datetime(1969, 12, 31, 12, tzinfo=datetime.UTC)
ROWS = pa.table(
    {
        'row': [0, 1, 2, 3],
        'n': pa.array([1, None, -3, 2**53 + 1], pa.int64()),
        'f': pa.array([math.nan, 0.0, None, -math.inf]),
        't': pa.array([NOON, None, NOON + datetime.timedelta(microseconds=1), NOON], pa.timestamp('us', 'UTC')),
        'd': pa.array([DAY, datetime.date(2024, 2, 29), None, DAY]),
    }
)
SIDES = [(N, 1), (N, 2.0**53), (N, -3.5), (F, 0), (F, -0.0), (F, math.inf), (F, -math.inf), (T, NOON), (D, DAY)]
SIDES += [(N % 2, 1), (N % 7, 4.5), (N % 2**62, 2**53 + 1)]


@pytest.mark.parametrize('op', ['eq', 'lt', 'le', 'gt', 'ge'])
@pytest.mark.parametrize(('field', 'value'), SIDES)
def test_comparisons_agree_with_sql(field, value, op) -> None:
    predicate = build.operation(op, build.node(field), value)
    conditions = exact(predicate)
    assert conditions is not None
    rows = ROWS  # which DuckDB finds by this name
    expected = duckdb.sql(f'SELECT row FROM rows WHERE {to_sql(predicate, datetime.UTC)}').to_arrow_table()
    (found,) = keep(conditions, iter([rows]))
    assert found.column('row').to_pylist() == expected.column('row').to_pylist()


def test_null_tests_and_several_conditions() -> None:
    assert [table.num_rows for table in keep(exact(build.node(N == None)) or (), iter([ROWS]))] == [1]  # noqa: E711
    assert [table.num_rows for table in keep(exact(build.node((N > 0) & (F != None))) or (), iter([ROWS]))] == [2]  # noqa: E711


def test_small_tables_come_together_and_an_empty_result_has_a_schema() -> None:
    (found,) = keep(exact(build.node(N > 100)) or (), iter([ROWS, ROWS.slice(0, 0), ROWS]))
    assert found.column('n').to_pylist() == [2**53 + 1] * 2
    (found,) = keep(exact(build.node(N > 2**60)) or (), iter([ROWS]))
    assert (found.num_rows, found.schema) == (0, ROWS.schema)
