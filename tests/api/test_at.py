from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.catalog import commit


@pxt.udf
def vector(text: str) -> pxt.Array[(2,), pxt.Float]:
    return np.array([len(text), 1], dtype=np.float32)


def created(t: pxt.Table, version: int) -> datetime.datetime:
    return next(each['created_at'] for each in t.get_versions() if each['version'] == version)


def test_a_version(t) -> None:
    t.update({'s': 'x'}, where=t.k == 0)
    t.drop_column('f')
    old = t.at(1)
    assert old == pxt.get_table('t:1')
    assert old.columns() == ['k', 's', 'f']
    assert old.where(old.k == 0).select(old.s).collect()['s'] == ['a']
    assert (t.at(0).count(), old.count(), t.at(np.int64(2)).count()) == (0, 5, 5)
    assert 'version 1' in repr(old)
    assert old.get_metadata()['version'] == 1


def test_a_snapshot(t) -> None:
    pxt.snapshot(t, name='full')
    pxt.create_dir('d')
    pxt.create_snapshot('d/full', t)
    t.delete()
    assert t.at('full').count() == t.at('d/full').count() == 5
    assert pxt.get_table('d/full').at(2).count() == 0
    assert pxt.get_table('d/full').at(2) == t.at(2)


def test_a_time_means_the_last_version_up_to_then(t) -> None:
    t.delete(t.k == 0)
    first, last = created(t, 1), created(t, 2)
    second = datetime.timedelta(microseconds=1)
    assert (t.at(first).count(), t.at(last - second).count(), t.at(last).count()) == (5, 5, 4)
    assert t.at(datetime.datetime.now(ZoneInfo('Asia/Tokyo'))).count() == 4
    assert t.at(first.replace(tzinfo=None)).count() == 5  # the session's time zone is UTC


def test_a_time_in_the_future(t) -> None:
    later = datetime.datetime.now(ZoneInfo('UTC')) + datetime.timedelta(hours=1)
    for look in (lambda: t.at(later), lambda: t.changes(since=later), lambda: t.diff(1, later)):
        with pytest.raises(pxt.RequestError, match='lies in the future') as error:
            look()
        assert error.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT


def test_a_version_of_a_clock_that_is_ahead_can_be_read_by_its_time(t, monkeypatch) -> None:
    ahead = commit.now() + 3_600_000_000
    monkeypatch.setattr(commit, 'now', lambda: ahead)
    t.delete(t.k == 0)
    assert t.at(created(t, 2)).count() == 4


def test_a_time_before_the_table(t) -> None:
    with pytest.raises(pxt.NotFoundError, match=r"'t' did not exist at 2001-02-03T00:00:00\+00:00: its first version"):
        t.at(datetime.datetime(2001, 2, 3))


def test_what_a_revert_took_back_is_not_in_the_past(t) -> None:
    t.delete()
    gone = created(t, 2)
    t.revert()
    assert t.at(gone).count() == 5


def test_an_index_is_searched_as_it_was(t) -> None:
    t.add_embedding_index('s', string_embed=vector)
    t.update({'s': 'long long'}, where=t.k == 3)
    t.drop_embedding_index(column='s')
    t.delete(t.k == 3)
    old = t.at(3)
    found = old.order_by(old.s.similarity(string='long long'), asc=False).limit(1).collect()
    assert [row['k'] for row in found] == [3]


@pytest.mark.parametrize('name', ['t', 'own'])
def test_the_past_cannot_be_written(t, name) -> None:
    pxt.create_snapshot('own', t)
    handle = t.at(1) if name == 't' else pxt.get_table('own')
    with pytest.raises(pxt.RequestError, match=r"use pxt\.get_table\('t'\)"):
        handle.delete()
