"""SELECT statements over tables, versions and queries."""

from __future__ import annotations

import pytest

import pixeltable as pxt


@pytest.fixture
def t(home):
    t = pxt.create_table('t', {'g': pxt.String, 'x': pxt.Int, 'j': pxt.Json | None})
    t.insert([{'g': 'ab'[x % 2], 'x': x, 'j': {'v': x}} for x in range(6)])
    return t


def rows(statement: str, **tables) -> list[tuple]:
    return [tuple(row.values()) for row in pxt.sql(statement, **tables)]


def test_groups_and_joins(t) -> None:
    u = pxt.create_table('u', {'w': pxt.String})
    u.insert([{'w': 'a'}])
    assert rows('select g, count(*), sum(x) from t group by 1 order by 1') == [('a', 3, 6), ('b', 3, 9)]
    assert rows('select t.x, t.id from u join t on u.w = t.g where t.x > 2') == [(4, 5)]
    assert rows('select count(*) from u, t') == [(6,)]


def test_names(t) -> None:
    t.delete(where=t.x > 1)
    pxt.create_dir('d')
    pxt.create_table('d.inner', {'v': pxt.Float}).insert(v=1.5)
    assert rows('select count(*) from "t:1"') == [(6,)]
    assert rows('select * from d."inner"') == [(1.5,)]
    assert rows('with q as (select max(x) as m from t) select m + 1 from q') == [(2,)]
    assert rows('select max(x) from q', q=t.where(t.x < 1)) == [(0,)]
    assert rows('select 1') == [(1,)]


def test_types(t) -> None:
    result = pxt.sql(
        "select j->>'v' as v, [x, 1] as l, null as n, x / 2 as h, sum(x) over () as s from t order by x limit 1"
    )
    assert list(result) == [{'v': '0', 'l': [0, 1], 'n': None, 'h': 0.0, 's': 15}]


@pytest.mark.parametrize(
    ('statement', 'code'),
    [
        ('drop table t', pxt.ErrorCode.UNSUPPORTED_OPERATION),
        ('selec', pxt.ErrorCode.INVALID_ARGUMENT),
        ('select * from nope', pxt.ErrorCode.PATH_NOT_FOUND),
        ('select zz from t', pxt.ErrorCode.INVALID_EXPRESSION),
        ("select * from read_csv('x')", pxt.ErrorCode.UNSUPPORTED_OPERATION),
        ('select 1; select 2', pxt.ErrorCode.UNSUPPORTED_OPERATION),
        ('select interval 1 day', pxt.ErrorCode.UNSUPPORTED_OPERATION),
        ('select cast(g as int) from t', pxt.ErrorCode.UNSUPPORTED_OPERATION),
        (3, pxt.ErrorCode.INVALID_ARGUMENT),
    ],
)
def test_mistakes(t, statement, code) -> None:
    with pytest.raises(pxt.Error) as caught:
        pxt.sql(statement)
    assert caught.value.error_code is code
