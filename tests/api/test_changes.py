from __future__ import annotations

import datetime
from typing import Any

import pytest

import pixeltable as pxt


def told(result: pxt.ResultSet) -> list[tuple[Any, ...]]:
    return [(row['version'], row['change'], row['id']) for row in result]


def test_one_group_for_each_commit_in_their_order(t) -> None:
    t.update({'s': 'x'}, where=t.k > 2)
    t.delete(t.k == 0)
    t.insert(k=9, s='new')
    inserted = [(1, 'inserted', id_) for id_ in range(1, 6)]
    later = [(2, 'updated', 4), (2, 'updated', 5), (3, 'deleted', 1), (4, 'inserted', 6)]
    assert told(t.changes()) == inserted + later
    assert [row['before'] for row in t.changes()][5:7] == [{'s': 'd'}, {'s': 'e'}]
    assert t.changes().schema == {'cursor': 'String', 'version': 'Int', 'at': 'Timestamp', **t.diff(0).schema}


def test_rows_have_the_time_of_their_commit(t) -> None:
    t.delete(t.k == 0)
    created = {each['version']: each['created_at'] for each in t.get_versions()}
    assert all(row['at'] == created[row['version']] for row in t.changes())


def test_it_starts_after_a_version_a_snapshot_or_a_time(t) -> None:
    pxt.snapshot(t, name='before')
    created = t.get_versions(1)[0]['created_at']
    t.delete(t.k == 0)
    for since in (1, 'before', created):
        assert told(t.changes(since)) == [(2, 'deleted', 1)]
    assert len(t.changes(2)) == len(t.changes(datetime.datetime.now())) == 0


def test_a_revert_and_a_restore_are_told(t) -> None:
    t.delete(t.k == 0)
    t.revert()
    t.delete(t.k == 1)
    pxt.restore(t, version=1)
    assert told(t.changes(1)) == [(2, 'deleted', 1), (1, 'inserted', 1), (2, 'deleted', 2), (3, 'inserted', 2)]


def test_what_changes_no_row_is_not_told(t) -> None:
    t.add_computed_column(double=t.k * 2)
    t.rename_column('s', 'text')
    t.drop_column('f')
    assert len(t.changes(1)) == 0


def test_each_cursor_goes_on_after_its_row(t) -> None:
    t.update({'s': 'x'})
    t.revert()
    t.revert()
    t.insert([{'k': 7, 's': 'a'}, {'k': 8, 's': 'b'}])
    feed = list(t.changes())
    for place, row in enumerate(feed):
        assert list(t.changes(row['cursor'])) == feed[place + 1 :]


def test_a_cursor_lives_through_a_revert_that_gives_its_version_number_away(t) -> None:
    t.delete(t.k == 0)
    cursor = t.changes()['cursor'][-1]
    t.revert()
    t.delete(t.k == 1)
    assert told(t.changes(cursor)) == [(1, 'inserted', 1), (2, 'deleted', 2)]


def test_a_cursor_lives_through_a_drop(t) -> None:
    t.delete(t.k == 0)
    cursor = t.changes()['cursor'][-1]
    pxt.drop_table(t)
    pxt.restore('t').insert(k=9, s='new')
    assert told(t.changes(cursor)) == [(4, 'inserted', 6)]


def test_a_handle_of_the_past_tells_what_led_to_it(t) -> None:
    t.delete(t.k == 0)
    t.delete(t.k == 1)
    assert told(t.at(2).changes(1)) == [(2, 'deleted', 1)]


def test_a_large_feed_is_read_in_parts(t, monkeypatch) -> None:
    from pixeltable.exec.differences import feed

    for k in range(10):
        t.insert(k=k, s='more')
    whole = list(t.changes())
    monkeypatch.setattr(feed, 'STEPS_AT_ONCE', 3)
    assert list(t.changes()) == whole
    assert len(whole) == 15


@pytest.mark.parametrize('cursor', ['x:y', 'cursor:', ':5', '12345678:1', '0:0:0:0'])
def test_a_text_that_is_no_cursor(t, cursor) -> None:
    with pytest.raises(pxt.RequestError, match=cursor) as caught:
        t.changes(cursor)
    assert caught.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT


def test_a_cursor_of_another_table_and_of_another_home(t) -> None:
    other = pxt.create_table('other', {'k': pxt.Int})
    other.insert(k=1)
    cursor = other.changes()['cursor'][0]
    with pytest.raises(pxt.RequestError, match='another table'):
        t.changes(cursor)
    with pytest.raises(pxt.NotFoundError, match='read the table anew'):
        other.changes(cursor.partition(':')[0] + ':12345')
