"""Outer joins on what only Python can tell give what DuckDB gives for the same condition in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import hypothesis
import pytest
from hypothesis import strategies as st

import pixeltable as pxt


@pxt.udf
def equal(x: int, y: int) -> bool:
    return x == y


@pxt.udf
def less(x: int, y: int) -> bool:
    return x < y


@pxt.udf
def even(x: int, y: int) -> bool:
    return (x + y) % 2 == 0


CONDITIONS = {
    'l.x = r.y': lambda a, b: equal(a.x, b.y),
    'l.x < r.y': lambda a, b: less(a.x, b.y),
    '(l.x + r.y) % 2 = 0 AND l.x > 0': lambda a, b: even(a.x, b.y) & (a.x > 0),
    'l.k <= r.k AND l.x < r.y': lambda a, b: (a.k <= b.k) & less(a.x, b.y),
    'l.x = r.y OR l.k = r.k': lambda a, b: equal(a.x, b.y) | (a.k == b.k),
    'FALSE': lambda a, b: less(a.x, b.y) & less(b.y, a.x),
}
SQL = {'left': 'LEFT', 'right': 'RIGHT', 'full_outer': 'FULL'}
SIDE = st.lists(st.none() | st.integers(0, 4), max_size=6)


def _sorted(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: [(value is None, value or 0) for value in row])


@pytest.mark.parametrize('how', SQL)
@hypothesis.settings(max_examples=12, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(left=SIDE, right=SIDE, condition=st.sampled_from(list(CONDITIONS)))
def test_the_rows_are_those_of_duckdb(home, how: str, left: list[Any], right: list[Any], condition: str) -> None:
    tables, engine = [], duckdb.connect()
    for name, column, values in (('l', 'x', left), ('r', 'y', right)):
        table = pxt.create_table(name, {'k': pxt.Int, column: pxt.Int | None}, if_exists='replace')
        engine.execute(f'CREATE TABLE {name} (k BIGINT, {column} BIGINT)')
        if values:
            table.insert({'k': k, column: value} for k, value in enumerate(values))
            engine.executemany(f'INSERT INTO {name} VALUES (?, ?)', list(enumerate(values)))
        tables.append(table)
    a, b = tables
    query = a.join(b, on=CONDITIONS[condition](a, b), how=how).select(a=a.k, b=a.x, c=b.k, d=b.y)
    expected = engine.execute(f'SELECT l.k, l.x, r.k, r.y FROM l {SQL[how]} JOIN r ON {condition}').fetchall()
    assert _sorted(tuple(row.values()) for row in query.collect()) == _sorted(expected)
    assert query.count() == len(expected)
