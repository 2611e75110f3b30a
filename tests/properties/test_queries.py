"""Random queries: what DuckDB computes, what Python computes, and what pandas says are the same."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pixeltable as pxt
from pixeltable import functions as pxtf

values = st.one_of(st.none(), st.integers(-5, 5))
rows = st.lists(st.tuples(st.sampled_from('abc'), values, values), min_size=1, max_size=12)
names = (f't{number}' for number in itertools.count())


@pxt.udf
def itself(x: int) -> int:
    return x


def identity(x):
    return x


def make(given_rows) -> tuple[pxt.Table, pd.DataFrame]:
    t = pxt.create_table(next(names), {'g': pxt.String, 'x': pxt.Int | None, 'y': pxt.Int | None})
    records = [{'g': g, 'x': x, 'y': y} for g, x, y in given_rows]
    t.insert(records)
    return t, pd.DataFrame(records).astype({'x': 'Int64', 'y': 'Int64'})


def listed(frame: pd.DataFrame) -> list[tuple]:
    return [tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False)]


def found(query) -> list[tuple]:
    return [tuple(row.values()) for row in query.collect()]


@pytest.mark.parametrize('wrap', [identity, itself], ids=['duckdb', 'python'])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows, st.integers(-5, 5), st.booleans())
def test_filter_and_sort(home, wrap, given_rows, bound, ascending) -> None:
    t, frame = make(given_rows)
    query = t.where(wrap(t.x) >= bound).order_by(wrap(t.y), asc=ascending, nulls='last').select(t.g, t.x, t.y)
    kept = frame[(frame.x >= bound).fillna(False)]
    expected = kept.sort_values('y', ascending=ascending, na_position='last', kind='stable')
    assert found(query) == listed(expected)
    assert query.count() == len(expected)
    assert found(query.subquery().limit(2)) == listed(expected.head(2))


@pytest.mark.parametrize('wrap', [identity, itself], ids=['duckdb', 'python'])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows)
def test_groups(home, wrap, given_rows) -> None:
    t, frame = make(given_rows)
    query = (
        t.group_by(t.g)
        .select(
            t.g, pxtf.sum(wrap(t.x)), pxtf.count(wrap(t.x)), pxtf.max(wrap(t.y)), pxtf.count(wrap(t.y), distinct=True)
        )
        .order_by(t.g)
    )
    by = frame.groupby('g', sort=True)
    expected = pd.DataFrame(
        {'s': by.x.sum(min_count=1), 'n': by.x.count(), 'm': by.y.max(), 'd': by.y.nunique()}
    ).reset_index()
    assert found(query) == listed(expected)


@pytest.mark.parametrize('wrap', [identity, itself], ids=['duckdb', 'python'])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows, rows, st.sampled_from(['inner', 'left', 'right', 'full_outer']))
def test_joins(home, wrap, left_rows, right_rows, how) -> None:
    (t, _), (u, _) = make(left_rows), make(right_rows)
    query = t.join(u, on=wrap(t.x) == wrap(u.x), how=how).select(t.g, t.x, u.x, u.y)
    pairs = [(a, b) for a in left_rows for b in right_rows if a[1] is not None and a[1] == b[1]]
    expected = [(a[0], a[1], b[1], b[2]) for a, b in pairs]
    if how in ('left', 'full_outer'):
        expected += [
            (a[0], a[1], None, None) for a in left_rows if all(a[1] is None or a[1] != b[1] for b in right_rows)
        ]
    if how in ('right', 'full_outer'):
        expected += [
            (None, None, b[1], b[2]) for b in right_rows if all(b[1] is None or a[1] != b[1] for a in left_rows)
        ]
    assert sorted(found(query), key=repr) == sorted(expected, key=repr)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows)
def test_running_sums(home, given_rows) -> None:
    t, frame = make(given_rows)
    running = [pxtf.sum(wrap(t.x), group_by=t.g, order_by=wrap(t.y)) for wrap in (identity, itself)]
    a, b = (t.select(v=each).collect()['v'] for each in running)
    ordered = frame.assign(last=frame.y.isna()).sort_values(['last', 'y'], kind='stable')
    sums = ordered.groupby('g').x.transform(lambda x: x.fillna(0).cumsum())
    some = ordered.groupby('g').x.transform(lambda x: x.notna().cumsum() > 0)
    expected = sums.where(some.astype(bool)).sort_index()
    assert a == b == [None if pd.isna(value) else int(value) for value in expected]
