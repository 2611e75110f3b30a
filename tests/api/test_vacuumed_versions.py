"""What the verbs for the past say of versions that a vacuum took out of reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.config.settings import Settings


@pytest.fixture
def vacuumed(t: pxt.Table) -> pxt.Table:
    """Versions 0, 2 and 3 can no longer be read; 1 has a snapshot."""
    pxt.snapshot(t, name='kept')
    t.delete(t.k == 0)
    t.delete(t.k == 1)
    t.delete(t.k == 2)
    t.vacuum(retain=1)
    return t


@pytest.mark.parametrize(
    'read',
    [
        lambda t: t.at(2),
        lambda t: t.at(t.get_versions()[2]['created_at']),
        lambda t: pxt.get_table('t:2'),
        lambda t: pxt.restore(t, version=2),
        lambda t: t.diff(2),
        lambda t: t.diff(1, 3),
        lambda t: t.changes(2),
        lambda t: t.changes(1),
        lambda t: t.changes(),
        lambda t: t.revert(),
        lambda t: pxt.snapshot(pxt.Table(t._session, t._table_id, 't', 2), name='late'),
        lambda t: pxt.create_snapshot('late', pxt.Table(t._session, t._table_id, 't', 2)),
    ],
)
def test_they_cannot_be_read(vacuumed: pxt.Table, read: Callable[[Any], Any]) -> None:
    before = vacuumed.get_versions()
    with pytest.raises(
        pxt.NotFoundError, match=r"of 't' was vacuumed: .* the oldest version that can be read is 1"
    ) as caught:
        read(vacuumed)
    assert caught.value.error_code is pxt.ErrorCode.PATH_NOT_FOUND
    assert vacuumed.get_versions() == before


def test_the_history_shows_them(vacuumed: pxt.Table) -> None:
    assert [(each['version'], each['vacuumed']) for each in vacuumed.get_versions()] == [
        (4, False),
        (3, True),
        (2, True),
        (1, False),
        (0, True),
    ]


def test_what_a_snapshot_needs_can_be_read(vacuumed: pxt.Table) -> None:
    assert vacuumed.at('kept').count() == 5
    assert [row['id'] for row in vacuumed.diff('kept')] == [1, 2, 3]
    assert pxt.restore(vacuumed, snapshot='kept').count() == 5


def test_a_feed_goes_on_from_what_can_be_read(vacuumed: pxt.Table) -> None:
    vacuumed.insert(k=9, s='new')
    assert [row['change'] for row in vacuumed.changes(4)] == ['inserted']


def test_a_follower_that_saw_the_newest_version_misses_nothing(t) -> None:
    t.delete(t.k == 0)
    cursor = t.changes()['cursor'][-1]
    t.vacuum(retain=1)
    t.insert(k=9, s='new')
    assert [row['id'] for row in t.changes(cursor)] == [6]


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vacuum removes at once what it takes out of reach."""
    monkeypatch.setattr(Settings, 'vacuum_grace_s', 0.0)


@pytest.mark.usefixtures('no_grace')
def test_what_was_reverted_and_vacuumed_is_passed_over(t) -> None:
    cursor = t.changes()['cursor'][-1]
    t.delete()
    inside = t.changes()['cursor'][-2:]
    t.revert()
    t.insert(k=9, s='new')
    t.vacuum()
    assert [row['id'] for row in t.changes(cursor)] == [6]
    for lost in inside:
        with pytest.raises(pxt.NotFoundError, match='read the table anew'):
            t.changes(lost)


def test_a_dropped_table_comes_back_until_it_is_vacuumed(t, request) -> None:
    pxt.drop_table(t)
    pxt.vacuum()
    pxt.restore('t')
    pxt.drop_table(t)
    request.getfixturevalue('no_grace')
    pxt.vacuum()
    with pytest.raises(pxt.NotFoundError, match="there is no table 't'"):
        pxt.restore('t')


@pytest.mark.usefixtures('no_grace')
def test_a_table_that_came_back_can_be_read_as_of_before_after_a_vacuum(t) -> None:
    t.delete(t.k == 0)
    pxt.drop_table(t)
    pxt.restore('t')
    t.insert(k=9, s='new')
    t.vacuum(retain=3)
    assert [t.at(version).count() for version in (2, 3, 4)] == [4, 4, 5]
    assert [row['id'] for row in t.changes(2)] == [6]
