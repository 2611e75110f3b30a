"""What a predicate says about single fields."""

from __future__ import annotations

import datetime
import math
import uuid

import pytest

from pixeltable.exprs import build
from pixeltable.exprs.conditions import Condition, conditions, exact
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.types.column_type import BINARY, BOOL, DATE, FLOAT, INT, JSON, STRING, TIMESTAMP, UUID

N, F, S, B = (Expr(Field(type_, name)) for type_, name in ((INT, 'i'), (FLOAT, 'f'), (STRING, 's'), (BOOL, 'b')))
NOON = datetime.datetime(1970, 1, 1, 12, tzinfo=datetime.UTC)


def found(predicate) -> list[tuple]:
    return [(each.field.name, each.op, *each.values) for each in conditions(build.node(predicate))]


@pytest.mark.parametrize(
    ('predicate', 'expected'),
    [
        (N == 3, [('i', 'eq', 3)]),
        (N < 3, [('i', 'lt', 3)]),
        (build.operation('lt', 3, N), [('i', 'gt', 3)]),
        (build.operation('ge', 3, N), [('i', 'le', 3)]),
        ((N >= 3) & (S == 'x') & (F > 1), [('i', 'ge', 3), ('s', 'eq', 'x'), ('f', 'gt', 1.0)]),
        (N.isin([5, 1, None]), [('i', 'in', 1, 5)]),
        (N.isin([]), [('i', 'in')]),
        (N == None, [('i', 'is_null')]),  # noqa: E711
        (N != None, [('i', 'is_not_null')]),  # noqa: E711
        (B, [('b', 'eq', 1)]),
        (B == False, [('b', 'eq', 0)]),  # noqa: E712
    ],
)
def test_conditions(predicate, expected) -> None:
    assert found(predicate) == expected


@pytest.mark.parametrize(
    ('type_', 'value', 'expected'),
    [
        (INT, 2.5, 2.5),
        (FLOAT, 2, 2.0),
        (TIMESTAMP, NOON, 12 * 3600 * 10**6),
        (DATE, datetime.date(1970, 1, 3), 2),
        (UUID, uuid.UUID(int=1), bytes(15) + b'\1'),
        (BINARY, b'\xff', b'\xff'),
    ],
)
def test_values_are_as_files_order_them(type_, value, expected) -> None:
    predicate = build.operation('le', Field(type_, 'x'), value)
    assert conditions(predicate) == (Condition(Field(type_, 'x'), 'le', (expected,)),)


@pytest.mark.parametrize(
    'predicate',
    [
        N != 3,
        (N == 3) | (S == 'x'),
        ~(N == 3),
        N + 1 == 3,
        N == F,
        build.operation('eq', F, math.nan),
        N.isin([1, 2**70]),
        S == '\ud800',
        build.operation('lt', Field(TIMESTAMP, 'x'), datetime.datetime(2020, 1, 1)),
        build.operation('eq', Field(JSON, 'x'), 3),
    ],
    ids=str,
)
def test_what_says_nothing(predicate) -> None:
    assert found(predicate) == []


@pytest.mark.parametrize('predicate', [N > 3, (F <= 1.5) & (N == 2), N == 2.5, N == None])  # noqa: E711
def test_plain_comparisons_say_all(predicate) -> None:
    assert exact(build.node(predicate)) == conditions(build.node(predicate)) != ()


def test_a_remainder_says_all_and_nothing_of_the_field() -> None:
    predicate = build.node((N > 3) & (N % 10 == 3))
    assert exact(predicate) == (*conditions(predicate), Condition(N.__pxt_node__, 'eq', (3,), divisor=10))
    assert [condition.divisor for condition in conditions(predicate)] == [None]
    for other in (N % -10 == 3, N % N == 3, F % 10 == 3, N % 2**63 == 3, N // 10 == 3, 10 % N == 3):
        assert exact(build.node(other)) is None


@pytest.mark.parametrize('predicate', [S == 'x', (N > 3) & (N + 1 > 3), (N > 3) | (N < 1), N.isin([1]), B, N == 2**70])
def test_others_say_more_than_their_conditions(predicate) -> None:
    assert exact(build.node(predicate)) is None
