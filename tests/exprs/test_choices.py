from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.types.column_type import ARRAY, FLOAT, INT, JSON, STRING, ColumnType

Column = Callable[[str, ColumnType], Expr]


def test_case(column: Column) -> None:
    x, y, s = column('x', INT), column('y', FLOAT.with_nullable(True)), column('s', STRING)
    labelled = pxt.case((x > 1, 'big'), (x > 0, s), otherwise='small')
    assert labelled.col_type == STRING
    assert repr(labelled) == "case((x > 1, 'big'), (x > 0, s), otherwise='small')"
    assert pxt.case((x > 1, x), otherwise=y).col_type == FLOAT.with_nullable(True)
    assert pxt.case((x > 1, 2)).col_type == INT.with_nullable(True)


def test_coalesce(column: Column) -> None:
    x, y = column('x', INT.with_nullable(True)), column('y', FLOAT.with_nullable(True))
    assert pxt.coalesce(x, y).col_type == FLOAT.with_nullable(True)
    assert pxt.coalesce(x, None, 0).col_type == INT
    assert repr(pxt.coalesce(x, 0)) == 'coalesce(x, 0)'


def test_is_in(column: Column) -> None:
    x, j = column('x', INT), column('j', JSON)
    assert repr(x.isin(j.ids)) == 'x.isin(j.ids)'
    assert repr(x.isin([1, 2])) == 'x.isin([1, 2])'
    assert repr(x.isin([1, column('y', INT), None])) == '(x.isin([1])) | (x == y)'
    with pytest.raises(RequestError, match='does not work on Int and String') as caught:
        x.isin(column('s', STRING))
    assert caught.value.error_code is ErrorCode.TYPE_MISMATCH


def test_array(column: Column) -> None:
    x, y = column('x', INT), column('y', FLOAT.with_nullable(True))
    assert str(pxt.array([x, 1]).col_type) == 'Array[(2,), int64]'
    assert str(pxt.array([x, y]).col_type) == 'Array[(2,), float32] | None'
    assert str(pxt.array([pxt.array([x, x]), pxt.array([1, x])]).col_type) == 'Array[(2, 2), int64]'


def _calls(column: Column) -> list[tuple[Callable[[], Any], ErrorCode, str]]:
    x, s = column('x', INT), column('s', STRING)
    return [
        (lambda: pxt.case(), ErrorCode.INVALID_ARGUMENT, 'at least one pair'),
        (lambda: pxt.case(x > 1, 2), ErrorCode.INVALID_ARGUMENT, 'pairs of a condition and a value'),  # type: ignore[arg-type]
        (lambda: pxt.case((x, 2)), ErrorCode.INVALID_EXPRESSION, 'x is of type Int'),
        (lambda: pxt.case((x > 1, x), otherwise=s), ErrorCode.TYPE_MISMATCH, 'types Int and String'),
        (lambda: pxt.coalesce(), ErrorCode.INVALID_ARGUMENT, 'at least one value'),
        (lambda: pxt.coalesce(x, s), ErrorCode.TYPE_MISMATCH, 'none in common'),
        (lambda: pxt.array([]), ErrorCode.INVALID_TYPE, 'at least one element'),
        (lambda: pxt.array('ab'), ErrorCode.INVALID_ARGUMENT, 'takes a list'),
        (lambda: pxt.array([x, s]), ErrorCode.INVALID_TYPE, 'not Int, String'),
        (lambda: pxt.array([column('a', ARRAY)]), ErrorCode.INVALID_TYPE, 'not Array'),
        (lambda: x.isin('ab'), ErrorCode.INVALID_ARGUMENT, 'takes a list, tuple or set'),
    ]


@pytest.mark.parametrize('number', range(11))
def test_mistakes(column: Column, number: int) -> None:
    call, code, message = _calls(column)[number]
    with pytest.raises(RequestError, match=message) as caught:
        call()
    assert caught.value.error_code is code
