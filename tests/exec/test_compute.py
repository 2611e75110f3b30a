"""Computed columns of a batch: by Arrow or SQL where that is faster, else by Python, with the same cells either way."""

from __future__ import annotations

import asyncio

import pyarrow as pa
import pytest

import pixeltable as pxt
from pixeltable.catalog.records import ColumnRecord
from pixeltable.errors import RequestError
from pixeltable.exec import compute as module
from pixeltable.exec.compute import compute
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.vectors import INPUT_ERROR
from pixeltable.exprs import build
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.types.column_type import INT

ROWS = 1200
A, C2, C3 = (Expr(Field(INT.with_nullable(name != 'a'), name)) for name in ('a', 'c2', 'c3'))


@pytest.fixture
def context(bare_context):
    return bare_context


def column(number: int, expr) -> ComputedColumn:
    node = build.node(expr)
    record = ColumnRecord(number, f'name{number}', node.type.with_nullable(True), {}, 'f')
    return ComputedColumn(record, node, 'f')


def run(context, values, *columns, abort=False):
    return asyncio.run(compute(context, pa.table({'a': pa.array(values, pa.int64())}), columns, abort, context.calls()))


@pytest.mark.parametrize('rows', [5, ROWS], ids=['python', 'arrow'])
def test_columns_that_read_each_other(context, rows) -> None:
    table, errors = run(context, range(rows), column(2, A + 1), column(3, C2 * 2), column(4, C3 - A))
    assert table['c4'].to_pylist() == [k + 2 for k in range(rows)]
    assert errors == {}


@pytest.mark.parametrize(
    ('rows', 'product'), [(5, A * 4), (ROWS, A * 4), (ROWS, A * 4 // 1)], ids=['python', 'arrow', 'sql']
)
def test_one_overflow_is_one_error_cell(context, rows, product) -> None:
    values = [2**62 if k == 3 else k for k in range(rows)]
    table, errors = run(context, values, column(2, product), column(3, C2 + 1))
    assert table['c2'].to_pylist()[2:5] == [8, None, 16]
    assert list(errors['c2']) == [3]
    assert {row: error.errortype for row, error in errors['c3'].items()} == {3: INPUT_ERROR}
    assert table['c3'].to_pylist()[4] == 17


def test_enough_rows_go_through_sql(context, monkeypatch) -> None:
    def refuse(*args, **kwargs):
        raise AssertionError('evaluated in Python')

    monkeypatch.setattr(module, 'Evaluation', refuse)
    table, _ = run(context, range(ROWS), column(2, A // 7))
    assert table['c2'].to_pylist() == [k // 7 for k in range(ROWS)]
    with pytest.raises(AssertionError):
        run(context, range(5), column(2, A // 7))


def test_mixed_levels(context) -> None:
    @pxt.udf
    def odd(x: int) -> int:
        if x == 7:
            raise ValueError('seven')
        return x % 2

    table, errors = run(context, range(ROWS), column(2, odd(A)), column(3, A + 1), column(4, C2 + C3))
    assert list(errors['c2']) == [7]
    assert list(errors['c4']) == [7]
    assert table['c4'].to_pylist()[5:9] == [7, 7, None, 9]


def test_abort_names_the_cell(context) -> None:
    @pxt.udf
    def fails(x: int) -> int:
        raise KeyError(x)

    with pytest.raises(RequestError, match=r"row 0: column 'name2' = fails\(a\) failed: KeyError") as caught:
        run(context, [5], column(2, fails(A)), abort=True)
    assert isinstance(caught.value.__cause__, KeyError)


def test_columns_with_the_same_expression(context) -> None:
    @pxt.udf
    def f(x: int) -> int:
        return x

    table, _ = run(context, [1, 2], column(2, f(A)), column(3, f(A)))
    assert table['c2'] == table['c3']
