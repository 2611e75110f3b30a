"""Snapshots with columns of their own, snapshots of views, and views of snapshots."""

from __future__ import annotations

import pytest

import pixeltable as pxt


def test_a_snapshot_of_a_query_stays_as_it_is(t) -> None:
    s = pxt.create_snapshot('s', t.where(t.k > 2), additional_columns={'twice': t.k * 2})
    t.insert(k=5, s='f')
    t.update({'s': 'new', 'k': t.k + 10})
    assert s.collect() == [{'twice': 6, 'k': 3, 's': 'd', 'f': 1.5}, {'twice': 8, 'k': 4, 's': 'e', 'f': None}]
    metadata = s.get_metadata()
    assert (metadata['kind'], metadata['is_snapshot'], metadata['base']) == ('snapshot', True, 't:1')


@pytest.mark.parametrize('call', [lambda s: s.insert(k=1, s='x'), lambda s: s.update({'s': 'x'}), lambda s: s.delete()])
def test_it_cannot_change(t, call) -> None:
    with pytest.raises(pxt.RequestError) as refused:
        call(pxt.create_view('s', t.where(t.k > 2), is_snapshot=True))
    assert refused.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION


def test_a_snapshot_of_a_view(t) -> None:
    v = pxt.create_view('v', t.where(t.k > 2), additional_columns={'twice': t.k * 2})
    plain, own = (
        pxt.create_snapshot('plain', v),
        pxt.create_snapshot('own', v.where(v.twice > 6).select(v.s, more=v.twice + 1)),
    )
    t.update({'s': 'new', 'k': 9})
    assert plain.select(plain.twice, plain.s).collect() == [{'twice': 6, 's': 'd'}, {'twice': 8, 's': 'e'}]
    assert own.collect() == [{'s': 'e', 'more': 9}]
    assert v.list_views() == ['own', 'plain']
    with pytest.raises(pxt.RequestError, match='own'):
        pxt.drop_table('v')


def test_a_view_of_a_past_version(t) -> None:
    t.update({'s': 'new'})
    v = pxt.create_view('v', pxt.get_table('t:1'), additional_columns={'loud': t.s.upper()})
    t.delete()
    assert v.collect()['loud'] == ['A', 'B', 'C', 'D', 'E']


def test_the_base_cannot_be_reverted_below_it(t) -> None:
    pxt.create_snapshot('s', t.where(t.k > 2))
    with pytest.raises(pxt.RequestError, match="'s' needs it"):
        t.revert()


def test_a_revert_takes_views_along(t) -> None:
    v = pxt.create_view('v', t.where(t.k > 2), additional_columns={'twice': t.k * 2})
    t.insert(k=7, s='z')
    t.delete(t.k == 3)
    t.revert()
    assert v.collect()['twice'] == [6, 8, 14]
    t.revert()
    assert v.collect()['twice'] == [6, 8]


def test_a_restore_takes_views_along(t) -> None:
    v = pxt.create_view('v', t.where(t.k > 2), additional_columns={'note': pxt.String | None})
    v.update({'note': 'kept'}, where=v.k == 4)
    t.update({'k': t.k + 1})
    t.delete(t.k == 4)
    pxt.restore('t', version=1)
    assert v.select(v.k, v.note).order_by(v.k).collect() == [{'k': 3, 'note': None}, {'k': 4, 'note': 'kept'}]


def test_a_view_that_comes_back_has_what_it_missed(t) -> None:
    v = pxt.create_view('v', t.where(t.k > 2), additional_columns={'twice': t.k * 2})
    pxt.drop_table('v')
    t.insert(k=8, s='x')
    t.delete(t.k == 3)
    pxt.restore('v')
    assert v.collect()['twice'] == [8, 16]
    t.insert(k=9, s='y')
    assert v.collect()['twice'] == [8, 16, 18]


def test_a_snapshot_of_a_sample(t) -> None:
    chosen = t.sample(n=3, seed=2)
    kept = sorted(chosen.collect()['k'])
    s = pxt.create_snapshot('s', chosen, additional_columns={'twice': t.k * 2})
    each = pxt.create_snapshot('each', t.where(t.k > 0).select(t.k).sample(n_per_stratum=1, stratify_by=t.s))
    rows = each.count()
    t.insert({'k': k, 's': 'new'} for k in range(100, 130))
    assert sorted(s.collect()['k']) == kept
    assert sorted(s.collect()['twice']) == [2 * k for k in kept]
    assert each.count() == rows == t.where((t.k > 0) & (t.k < 100)).select(t.s).distinct().count()
