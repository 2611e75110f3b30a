"""A snapshot of a view keeps what it sees of the tables below."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable.config.settings import Settings


@pytest.fixture
def t(monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    monkeypatch.setattr(Settings, 'vacuum_grace_s', 0.0)
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String})
    t.insert([{'k': k, 's': f'{k}'} for k in range(4)])
    v = pxt.create_view('v', t.where(t.k > 0), additional_columns={'twice': t.s + t.s})
    pxt.create_view('w', v.where(v.k > 1))
    return t


def change_and_vacuum(t: pxt.Table) -> None:
    t.update({'s': 'other'})
    t.insert(k=9, s='new')
    t.vacuum(retain=1)
    pxt.vacuum(1)


@pytest.mark.parametrize('path', ['v', 'w'])
@pytest.mark.parametrize('has_path', [True, False])
def test_a_snapshot_stays_readable(t, path, has_path) -> None:
    view = pxt.get_table(path)
    before = view.order_by(view.k).select(view.k, view.s, view.twice).collect().to_arrow()
    made = pxt.create_snapshot('kept', view) if has_path else pxt.snapshot(view, name='kept')
    change_and_vacuum(t)
    kept = made if has_path else pxt.get_snapshot(view, 'kept')
    assert kept.order_by(kept.k).select(kept.k, kept.s, kept.twice).collect().to_arrow() == before
    assert pxt.verify().problems == ()


def test_a_revert_says_which_snapshot_of_which_view_needs_the_version(t) -> None:
    pxt.snapshot('w', name='kept')
    with pytest.raises(pxt.RequestError, match="'kept of w of v'"):
        t.revert()


def test_names_of_snapshots_of_views_are_no_moments_of_the_base(t) -> None:
    pxt.snapshot('v', name='kept')
    with pytest.raises(pxt.Error, match='kept'):
        t.at('kept')


def test_without_a_snapshot_nothing_is_kept(t) -> None:
    change_and_vacuum(t)
    with pytest.raises(pxt.NotFoundError, match='vacuumed'):
        pxt.get_table('t:1')
