from __future__ import annotations

import datetime
from typing import Any

import duckdb
import pytest

from pixeltable.exprs import build
from pixeltable.exprs.nodes import (
    Call,
    Cast,
    Field,
    IsIn,
    JsonPath,
    MakeList,
    Node,
    Operation,
    Replacement,
    Slice,
    Template,
)
from pixeltable.exprs.sql import to_sql
from pixeltable.types.column_type import BOOL, DATE, FLOAT, INT, JSON, STRING, TIMESTAMP

N, F, S, J = (Field(type_, type_.kind.lower()) for type_ in (INT, FLOAT, STRING, JSON))


class Function:
    name = key = 'f'

    def __init__(self, sql: str | None) -> None:
        self.sql = sql


def evaluate(text: str | None, relation: str = '(SELECT 1)') -> Any:
    assert text is not None
    with duckdb.connect(':memory:', config={'threads': 2}) as connection:
        return connection.sql(f'SELECT {text}, typeof({text}) FROM {relation}').fetchall()[0]


@pytest.mark.parametrize(
    'node',
    [
        JsonPath(JSON, J, ('a', Slice(1))),
        JsonPath(JSON, J, ('a"b',)),
        JsonPath(JSON, J, ('*',)),
        Cast(STRING, F),
        Cast(INT, S),
        Cast(STRING, J),
        Cast(DATE, Field(TIMESTAMP, 't')),
        Template(STRING, (Replacement(N, '03d'),)),
        Template(STRING, (Replacement(F),)),
        MakeList(JSON, (N,)),
        Operation(FLOAT, 'round', (F, build.literal(2))),
        Operation(JSON, 'add', (J, N)),
        Operation(BOOL, 'eq', (J, J)),
        Operation(BOOL, 'eq', (Field(TIMESTAMP, 't'), build.literal(datetime.datetime(2024, 1, 1)))),
        build.literal('a\0b'),
        build.literal(2**63),
        IsIn(BOOL, S, (build.literal('\ud800'),)),
    ],
    ids=repr,
)
def test_only_python_can_do_it(node: Node) -> None:
    assert to_sql(node) is None
    assert to_sql(Operation(BOOL, 'is_null', (node,))) is None


def test_names_and_constants_are_quoted() -> None:
    attack = "'; DROP TABLE t; --"
    assert evaluate(to_sql(build.literal(attack)))[0] == attack
    name = 'a"; DROP TABLE t; --'
    assert to_sql(Field(INT, name)) == '"a""; DROP TABLE t; --"'


def test_naive_constants_are_in_the_zone() -> None:
    node = build.literal(datetime.datetime(2024, 1, 1))
    zone = datetime.timezone(datetime.timedelta(hours=2))
    assert to_sql(node, zone) == "CAST('2023-12-31 22:00:00+00:00' AS TIMESTAMPTZ)"


def call(sql: str | None, *names: str) -> Node:
    return Call(INT, Function(sql), 'f', names, tuple(build.literal('{s}') for _ in names))


def test_calls_fill_their_templates_once() -> None:
    assert evaluate(to_sql(call('length({s}) + length({t})', 's', 't'))) == (6, 'BIGINT')


@pytest.mark.parametrize('node', [call(None, 's'), call('f({s}, {missing})', 's'), call('f({s})', 's', 'ignored')])
def test_calls_without_a_complete_template(node: Node) -> None:
    assert to_sql(node) is None


def test_long_text_goes_to_python() -> None:
    node: Node = N
    for _ in range(8):
        node = Operation(INT, 'mod', (node, node))
    assert to_sql(node) is None


@pytest.mark.parametrize(
    ('function', 'arg', 'expected'),
    [
        ('sum', INT, (3, 'BIGINT')),
        ('sum', BOOL, (2, 'BIGINT')),
        ('sum', FLOAT, (3.0, 'DOUBLE')),
        ('mean', INT, (1.5, 'DOUBLE')),
        ('mean', BOOL, (1.0, 'DOUBLE')),
        ('min', STRING, ('1', 'VARCHAR')),
        ('max', INT, (2, 'BIGINT')),
        ('count', STRING, (2, 'BIGINT')),
    ],
)
def test_aggregates(function: str, arg: Any, expected: tuple[Any, str]) -> None:
    sql_type = {'Int': 'BIGINT', 'Float': 'DOUBLE', 'Bool': 'BOOLEAN', 'String': 'VARCHAR'}[arg.kind]
    relation = f'(SELECT CAST(x AS {sql_type}) AS x FROM (VALUES (1), (2), (NULL)) AS v(x))'
    assert evaluate(to_sql(build.aggregate(function, Field(arg, 'x'))), relation) == expected


def test_count_of_rows() -> None:
    assert evaluate(to_sql(build.aggregate('count', None)), '(VALUES (1), (NULL))') == (2, 'BIGINT')


def test_the_empty_list_holds_nothing() -> None:
    relation = "(VALUES ('a'), (NULL)) AS v(string)"
    with duckdb.connect(':memory:') as connection:
        found = connection.sql(f'SELECT {to_sql(IsIn(BOOL, S, ()))} FROM {relation}').fetchall()
    assert found == [(False,), (False,)]
