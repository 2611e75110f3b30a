from __future__ import annotations

import datetime
import enum
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pixeltable.errors import RequestError
from pixeltable.exprs import build, checks, choices
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Literal, MakeDict, MakeList, Operation, Template
from pixeltable.types.column_type import (
    ARRAY,
    BOOL,
    DATE,
    FLOAT,
    IMAGE,
    INT,
    JSON,
    STRING,
    TIMESTAMP,
    UUID,
    ColumnType,
    Kind,
)

Column = Callable[[str, ColumnType], Expr]


class Color(enum.Enum):
    RED = 'red'


def literal_of(expression: Any, index: int = 1) -> Literal:
    node = build.node(expression)
    assert isinstance(node, Operation)
    literal = node.args[index]
    assert isinstance(literal, Literal)
    return literal


@pytest.mark.parametrize(
    ('op', 'left', 'right', 'expected'),
    [
        ('add', INT, INT, INT),
        ('add', INT, FLOAT, FLOAT),
        ('add', STRING, STRING, STRING),
        ('mul', STRING, INT, STRING),
        ('add', BOOL, BOOL, INT),
        ('div', INT, INT, FLOAT.with_nullable(True)),
        ('floordiv', INT, INT, INT.with_nullable(True)),
        ('pow', INT, INT, FLOAT.with_nullable(True)),
        ('sub', JSON, INT, JSON.with_nullable(True)),
        ('mul', JSON, FLOAT, FLOAT.with_nullable(True)),
        ('pow', JSON, INT, FLOAT.with_nullable(True)),
        ('lt', INT, FLOAT, BOOL),
        ('eq', JSON, STRING, BOOL.with_nullable(True)),
        ('eq', STRING.with_nullable(True), STRING, BOOL.with_nullable(True)),
        ('and', BOOL, BOOL, BOOL),
    ],
)
def test_result_types(column: Column, op: str, left: ColumnType, right: ColumnType, expected: ColumnType) -> None:
    assert build.operation(op, column('a', left), column('b', right)).type == expected


@pytest.mark.parametrize(
    ('op', 'left', 'right'),
    [
        ('add', STRING, INT),
        ('eq', INT, STRING),
        ('add', TIMESTAMP, DATE),
        ('and', INT, BOOL),
        ('lt', IMAGE, IMAGE),
        ('eq', ARRAY, ARRAY),
        ('pow', JSON, STRING),
        ('round', FLOAT, FLOAT),
    ],
)
def test_types_that_do_not_go_together(column: Column, op: str, left: ColumnType, right: ColumnType) -> None:
    with pytest.raises(RequestError, match='does not work on'):
        build.operation(op, column('a', left), column('b', right))


def test_none_tests_for_null(column: Column) -> None:
    x = column('x', INT)
    assert build.node(x == None) == Operation(BOOL, 'is_null', (build.node(x),))  # noqa: E711
    assert build.operation('ne', None, x) == Operation(BOOL, 'is_not_null', (build.node(x),))


def test_text_is_read_as_what_it_is_compared_with(column: Column) -> None:
    assert literal_of(column('d', DATE) == '2024-05-17').value == datetime.date(2024, 5, 17)
    zero = uuid.UUID(int=0)
    assert literal_of(str(zero) == column('u', UUID)).value == zero
    with pytest.raises(RequestError, match="'soon' cannot be compared with a Date"):
        column('d', DATE) < 'soon'  # type: ignore[operator]  # noqa: B015


def test_constants_lose_their_wrappings(column: Column) -> None:
    x = column('x', INT)
    assert literal_of(x + np.int64(5)) == literal_of(x + 5)
    assert isinstance(literal_of(np.float64(2) * x, 0).value, float)
    assert literal_of(column('s', STRING) == Color.RED).value == 'red'


def test_constants_that_look_alike_differ() -> None:
    keys = {build.literal(value) for value in (1, 1.0, True, '1', -0.0, 0.0, float('nan'), b'1', [1], (1,))}
    assert len(keys) == 10
    assert build.literal(np.array([1, 2])) == build.literal(np.array([1, 2])) != build.literal(np.array([1, 3]))


def test_a_constant_of_no_type_is_refused() -> None:
    with pytest.raises(RequestError, match='cannot be part of an expression'):
        build.literal(object())


def test_containers_of_expressions(column: Column) -> None:
    x = column('x', INT)
    assert isinstance(build.node([1, x]), MakeList)
    assert isinstance(build.node([1, 2]), Literal)
    made = build.node({'a': [f'{x}!'], 'b': None})
    assert isinstance(made, MakeDict)
    assert isinstance(made.values[0], MakeList)
    assert isinstance(made.values[0].items[0], Template)


def test_isin_checks_every_value(column: Column) -> None:
    node = choices.is_in(build.node(column('x', INT.with_nullable(True))), {1, None, 2.5})
    assert node.type == BOOL.with_nullable(True)
    with pytest.raises(RequestError, match='does not work on'):
        column('x', INT).isin(['a'])
    with pytest.raises(RequestError, match='takes a list'):
        column('x', STRING).isin('abc')


def test_a_cast_of_a_nullable_stays_nullable(column: Column) -> None:
    node = build.node(column('x', INT.with_nullable(True)))
    assert build.cast(node, STRING).type == STRING.with_nullable(True)
    with pytest.raises(RequestError, match='cannot be converted to Image'):
        build.cast(node, IMAGE)


def test_only_conditions_filter(column: Column) -> None:
    with pytest.raises(RequestError, match='needs a Bool expression'):
        checks.check_boolean(build.node(column('x', INT)))


def test_conjunction(column: Column) -> None:
    a, b = (build.node(column(name, BOOL)) for name in 'ab')
    assert build.conjunction([]) is None
    assert build.conjunction([a]) is a
    assert build.conjunction([a, b]) == Operation(BOOL, 'and', (a, b))


@pytest.mark.parametrize(
    ('function', 'kind', 'expected'),
    [('sum', BOOL, INT), ('mean', INT, FLOAT), ('min', STRING, STRING), ('max', DATE, DATE), ('sum', FLOAT, FLOAT)],
)
def test_aggregate_types(column: Column, function: str, kind: ColumnType, expected: ColumnType) -> None:
    assert build.aggregate(function, build.node(column('x', kind))).type == expected.with_nullable(True)


@pytest.mark.parametrize('function', ['count', 'sum'])
def test_aggregates_do_not_nest(column: Column, function: str) -> None:
    inner = build.aggregate('sum', build.node(column('x', INT)))
    with pytest.raises(RequestError, match='cannot be nested'):
        build.aggregate(function, inner)


def test_cell_properties_are_of_columns(column: Column) -> None:
    assert build.node(column('img', IMAGE).fileurl).type.kind is Kind.STRING
    with pytest.raises(RequestError, match='only Image, Video'):
        build.cell_property(build.node(column('x', INT)), 'fileurl')
    with pytest.raises(RequestError, match='only a column'):
        build.cell_property(build.node(column('x', INT) + 1), 'errortype')


def test_only_a_division_by_what_may_be_zero_gives_null(column: Column) -> None:
    k, n = column('k', INT), column('n', INT.with_nullable(True))
    for made in (k % 2, k // -3, k / 2.5):
        assert not made.col_type.nullable
    for made in (k % 0, k / k, n % 2, 7 // k):
        assert made.col_type.nullable
