from __future__ import annotations

import pytest

import pixeltable as pxt


def test_a_table_is_renamed_and_its_handles_go_on(t: pxt.Table) -> None:
    t.add_computed_column(twice=t.k * 2)
    pxt.create_dir('d')
    pxt.move('T', 'd.new')
    assert pxt.list_tables() == ['d/new']
    assert repr(t).startswith("table 'd/new'")
    t.insert(k=9, s='z')
    assert pxt.get_table('d/new').where(t.k == 9).select(t.twice).collect()['twice'] == [18]
    pxt.drop_table(t)
    assert pxt.list_tables() == []


def test_a_directory_moves_with_all_that_is_in_it(t: pxt.Table) -> None:
    pxt.create_dir('a/b/c', parents=True)
    pxt.move('t', 'a/b/t')
    pxt.create_snapshot('a/s', pxt.get_table('a/b/t'))
    pxt.create_dir('x')
    pxt.move('a', 'x/y')
    assert pxt.list_dirs() == ['x', 'x/y', 'x/y/b', 'x/y/b/c']
    assert pxt.list_tables() == ['x/y/b/t', 'x/y/s']
    assert pxt.get_table('x/y/s').count() == 5
    assert repr(pxt.get_table('x/y/s')).startswith("snapshot 'x/y/s' (of 'x/y/b/t:1')")


def test_a_past_version_of_a_renamed_table(t: pxt.Table) -> None:
    pxt.move('t', 'u')
    past = pxt.get_table('u:0')
    assert past.count() == 0
    assert repr(past).startswith("table 'u', version 0")


def test_if_exists_and_if_not_exists(t: pxt.Table) -> None:
    pxt.create_dir('d')
    pxt.move('t', 'd', if_exists='ignore')
    pxt.move('nothing', 'd', if_not_exists='ignore')
    assert pxt.get_dir_contents() == {'dirs': ['d'], 'tables': ['t']}


def test_a_move_that_fails_changes_nothing(t: pxt.Table) -> None:
    pxt.create_dir('d/e', parents=True)
    with pytest.raises(pxt.NotFoundError, match="'nowhere'"):
        pxt.move('d', 'nowhere/d')
    assert pxt.list_dirs() == ['d', 'd/e']
