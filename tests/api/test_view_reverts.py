"""A view is reverted only where that leaves it in step with its base."""

from __future__ import annotations

import pytest

import pixeltable as pxt


@pytest.fixture
def t() -> pxt.Table:
    t = pxt.create_table('t', {'k': pxt.Int})
    t.insert([{'k': k} for k in range(3)])
    v = pxt.create_view('v', t.where(t.k > 0))
    pxt.create_view('w', v.where(v.k > 1))
    return t


@pytest.mark.parametrize(('path', 'below'), [('v', 't'), ('w', 'v')])
def test_what_follows_from_the_base_is_refused(t, path, below) -> None:
    t.insert(k=9)
    view = pxt.get_table(path)
    rows = view.count()
    with pytest.raises(pxt.RequestError, match=f"follows from a change of '{below}'") as caught:
        view.revert()
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    assert view.count() == rows


@pytest.mark.parametrize('path', ['v', 'w', 'g'])
def test_what_follows_from_a_revert_of_the_base_is_refused(t, path) -> None:
    pxt.create_view('g', t.group_by(t.k).select(t.k))
    t.insert(k=8)
    t.insert(k=9)
    t.revert()
    view = pxt.get_table(path)
    with pytest.raises(pxt.RequestError, match='follows from a change of'):
        view.revert()
    assert sorted(view.collect()['k'])[-1] == 8


@pytest.mark.parametrize('path', ['w', 'g'])
def test_a_view_that_comes_back_stays_in_step(t, path) -> None:
    pxt.create_view('g', t.group_by(t.k).select(t.k))
    pxt.drop_table(path)
    t.insert(k=9)
    with pytest.raises(pxt.RequestError, match='leave snapshot and version'):
        pxt.restore(path, version=0)
    view = pxt.restore(path)
    with pytest.raises(pxt.RequestError, match='follows from a change of'):
        view.revert()
    assert sorted(view.collect()['k'])[-1] == 9


def test_changes_of_its_own_are_reverted(t) -> None:
    v = pxt.get_table('v')
    t.insert(k=9)
    v.add_computed_column(twice=v.k * 2)
    v.revert()
    assert (v.columns(), v.count()) == (['k'], 3)
    t.revert()
    assert v.count() == 2


@pytest.mark.parametrize(
    'needing',
    [
        lambda t: pxt.get_table('w').add_computed_column(more=pxt.get_table('w').twice + 1),
        lambda t: pxt.create_view('some', t.where(t.twice > 2)),
        lambda t: pxt.create_view('groups', t.group_by(t.twice).select(t.twice)),
    ],
)
def test_a_column_that_a_view_needs_is_not_taken_back(t, needing) -> None:
    before = t.get_versions(1)[0]['version']
    t.add_computed_column(twice=t.k * 2)
    needing(t)
    for go_back in (t.revert, lambda: pxt.restore(t, version=before)):
        with pytest.raises(pxt.RequestError, match=r"column '\w+' of 't' cannot be taken back: .*view '.*' needs it"):
            go_back()
    t.insert(k=9)
    assert pxt.verify().ok


def test_what_a_column_is_computed_from_when_it_is_read_is_not_taken_back(t) -> None:
    t.add_computed_column(twice=t.k * 2, stored=False)
    t.add_computed_column(more=t.twice + 1, stored=False)
    t.alter_computed_column(twice=t.k * 20)
    pxt.create_view('some', t.where(t.more > 2))
    with pytest.raises(pxt.RequestError, match="'more' of 't' cannot be taken back: view 'some' needs it"):
        t.revert()
    assert pxt.get_table('some').count() == 2
