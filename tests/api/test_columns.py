"""add_column(s), drop_column, rename_column, and reading the columns of a table."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable.api.table import GIVING_WAY


def test_add_column(t) -> None:
    t.add_column(note=pxt.String | None)
    assert t.columns() == ['k', 's', 'f', 'note']
    assert t.collect()['note'] == [None] * 5
    t.insert(k=9, s='z', note='new')
    assert t.tail(1) == [{'k': 9, 's': 'z', 'f': None, 'note': 'new'}]


def test_add_columns(t) -> None:
    t.add_columns({'a': pxt.Int | None, 'b': {'type': pxt.Json | None, 'comment': 'anything'}})
    t.update({'b': {'x': 1}}, where=t.k == 0)
    assert t.head(1)[0]['b'] == {'x': 1}
    assert t.get_metadata()['columns']['b']['comment'] == 'anything'


def test_a_required_column_on_an_empty_table() -> None:
    u = pxt.create_table('u', {'a': pxt.Int})
    u.add_column(b=pxt.Int)
    with pytest.raises(pxt.RequestError, match="'b'"):
        u.insert(a=1)
    u.insert(a=1, b=2)
    assert u.collect() == [{'a': 1, 'b': 2}]


def test_if_exists(t) -> None:
    t.add_column(k=pxt.String | None, if_exists='ignore')
    assert t.collect()['k'] == [0, 1, 2, 3, 4]
    t.add_column(f=pxt.String | None, if_exists='replace')
    assert t.collect()['f'] == [None] * 5


def test_drop_column(t) -> None:
    t.drop_column(t.f)
    t.drop_column('s')
    assert t.collect() == [{'k': k} for k in range(5)]
    t.drop_column('s', if_not_exists='ignore')


def test_rename_column(t) -> None:
    t.add_computed_column(double=t.k * 2)
    t.rename_column('k', 'number')
    assert t.columns() == ['number', 's', 'f', 'double']
    t.insert(number=10, s='x')
    assert t.select(t.number, t.double).tail(1) == [{'number': 10, 'double': 20}]
    assert 'number * 2' in repr(t)
    t.rename_column('number', 'k')


def test_rename_changes_only_case(t) -> None:
    t.rename_column('k', 'K')
    assert t.columns() == ['K', 's', 'f']
    assert t.select(t.k).head(1) == [{'K': 0}]


def test_old_references_follow_a_renaming(t) -> None:
    k = t.k
    t.rename_column('k', 'number')
    assert t.where(k > 3).count() == 1


def test_attributes(t) -> None:
    assert hasattr(t, 'k')
    assert not hasattr(t, 'nothing')
    assert getattr(t, 'nothing', None) is None
    assert repr(t['k']) == 'k'


def test_column_previews(t) -> None:
    assert t.s.collect()['s'] == list('abcde')
    assert t.s.head(2)['s'] == ['a', 'b']
    assert t.f.count() == 5
    assert t.f.distinct().count() == 5


def test_a_declared_id_hides_the_row_id() -> None:
    u = pxt.create_table('u', {'id': pxt.String})
    u.insert(id='mine')
    assert u.where(u.id == 'mine').count() == 1


@pytest.mark.parametrize('name', sorted(GIVING_WAY))
def test_verbs_that_give_way_to_columns(name: str) -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    assert callable(getattr(t, name))
    t.add_computed_column(**{name: t.k + 1})
    t.insert([{'k': 1}])
    assert t.select(getattr(t, name)).collect()[name] == [2]
    assert callable(getattr(pxt.Table, name))


def test_reserved_and_fine_names() -> None:
    names = ('pos', 'name', 'id', 'path', 'type', 'text')
    assert pxt.create_table('u', dict.fromkeys(names, pxt.Int)).columns() == list(names)


def test_columns_are_completed(home) -> None:
    t = pxt.create_table('completed', {'price': pxt.Int})
    assert {'price', 'insert', 'where'} <= set(dir(t))
    pxt.drop_table('completed')
    assert 'insert' in dir(t)
