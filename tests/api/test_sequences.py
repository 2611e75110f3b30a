"""Mistakes of sequence: what was dropped, renamed, replaced or reverted is used as if it were still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import pixeltable as pxt

UNKNOWN_COLUMN, FIXED = pxt.ErrorCode.COLUMN_NOT_FOUND, pxt.ErrorCode.UNSUPPORTED_OPERATION
GONE, TAKEN = pxt.ErrorCode.TABLE_NOT_FOUND, pxt.ErrorCode.PATH_ALREADY_EXISTS


def refused(code: pxt.ErrorCode, call: Callable[[], Any]) -> pxt.Error:
    with pytest.raises(pxt.Error) as caught:
        call()
    assert caught.value.error_code is code, caught.value
    return caught.value


def test_a_dropped_table(t) -> None:
    query, column = t.where(t.k > 1), t.k
    pxt.drop_table('t')
    pxt.create_table('t', {'k': pxt.Int})
    for call in (t.collect, t.count, t.columns, t.get_versions, t.list_views, t.get_base_table, query.count, t.revert):
        refused(GONE, call)
    refused(GONE, lambda: t.insert(k=1))
    refused(UNKNOWN_COLUMN, lambda: pxt.get_table('t').select(column).collect())


def test_a_dropped_column(t) -> None:
    query, column = t.where(t.s == 'a'), t.s
    t.drop_column(column)
    t.add_column(s=pxt.String | None)
    for call in (query.count, t.select(column).collect, lambda: t.add_computed_column(x=column.upper())):
        refused(UNKNOWN_COLUMN, call)
    refused(UNKNOWN_COLUMN, lambda: t.drop_column(column))
    t.drop_column(column, if_not_exists='ignore')
    assert t.columns() == ['k', 'f', 's']


def test_a_renamed_column(t) -> None:
    query, column = t.where(t.s == 'a'), t.s
    t.rename_column('s', 'letter')
    assert query.count() == t.where(column == 'a').count() == 1
    with pytest.raises(AttributeError, match="no column 's'"):
        _ = t.s


def test_a_column_of_another_table(t) -> None:
    other = pxt.create_table('other', {'k': pxt.Int})
    other.insert(k=1)
    calls = [
        lambda: t.select(other.k).collect(),
        lambda: t.where(other.k == 1).count(),
        lambda: t.add_computed_column(x=other.k),
        lambda: t.update({'k': other.k}),
        lambda: t.delete(other.k == 1),
        lambda: pxt.create_view('v', t.where(other.k == 1)),
    ]
    for call in calls:
        assert "'other'" in refused(FIXED, call).message
    assert pxt.list_tables() == ['other', 't']


def test_through_a_view(t) -> None:
    v = pxt.create_view('v', t, additional_columns={'x': pxt.Int | None})
    calls = [
        lambda: v.drop_column('s'),
        lambda: v.rename_column('s', 'z'),
        lambda: v.alter_column('k', type_=pxt.Int | None),
        lambda: v.add_btree_index('k'),
        lambda: v.drop_index(column='k'),
        lambda: v.update({'k': 1}),
    ]
    for call in calls:
        assert "'t'" in refused(FIXED, call).message
    t.add_computed_column(z=t.k + 1)
    refused(FIXED, lambda: t.alter_column('z', type_=pxt.Int | None))


@pytest.mark.parametrize('if_exists', ['ignore', 'replace', 'replace_force'])
def test_another_kind_of_thing(t, if_exists: str) -> None:
    pxt.create_view('v', t.where(t.k > 0))
    pxt.create_snapshot('s', t)
    pxt.create_dir('d')
    for path in ('v', 's', 'd'):
        refused(TAKEN, lambda path=path: pxt.create_table(path, {'a': pxt.Int}, if_exists=if_exists))
    for path in ('t', 's', 'd'):
        refused(TAKEN, lambda path=path: pxt.create_view(path, t, if_exists=if_exists))
    for path in ('t', 'v', 'd'):
        refused(TAKEN, lambda path=path: pxt.create_snapshot(path, t, if_exists=if_exists))
    assert pxt.list_tables() == ['s', 't', 'v']


@pytest.mark.parametrize('if_exists', ['replace', 'replace_force'])
def test_a_view_in_the_place_of_what_it_is_of(t, if_exists: str) -> None:
    v = pxt.create_view('v', t.where(t.k > 0))
    refused(FIXED, lambda: pxt.create_view('v', v.where(v.k > 1), if_exists=if_exists))
    below = pxt.create_view('below', v.order_by(v.k).limit(2))
    refused(FIXED, lambda: pxt.create_view('v', below, if_exists=if_exists))
    assert (v.count(), below.count()) == (4, 2)
    pxt.create_view('below', v, if_exists=if_exists)
    assert pxt.get_table('below').count() == 4


def test_versions_that_are_not_there(t) -> None:
    refused(pxt.ErrorCode.PATH_NOT_FOUND, lambda: pxt.get_table('t:9'))
    assert pxt.get_table('t:9', if_not_exists='ignore') is None
    t.add_column(x=pxt.Int | None)
    column = t.x
    t.revert()
    refused(UNKNOWN_COLUMN, t.select(column).collect)
