"""What is stored does not depend on the time zone of the session that computes it, but on that of the one that declared it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypedDict
from zoneinfo import ZoneInfo

import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf
from pixeltable.api import default
from pixeltable.config.settings import Settings
from pixeltable.session import Session

EVENING = datetime.datetime(2024, 2, 29, 22, 30, tzinfo=datetime.UTC)
"""The morning of the next day in Tokyo, the afternoon in New York."""

Enter = Callable[[str], pxt.Table]


class Hour(TypedDict):
    hour: int
    moment: datetime.datetime


@pxt.iterator
def hours(at: datetime.datetime) -> Iterator[Hour]:
    yield {'hour': at.hour, 'moment': at.replace(tzinfo=None)}


@pytest.fixture
def enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Enter]:
    """Goes on in a session of a time zone, and gives its handle of the table `t`."""
    with ExitStack() as opened:

        def enter(zone: str) -> pxt.Table:
            settings = Settings(tmp_path / 'home', ZoneInfo(zone), verbosity=0, show_progress=False)
            monkeypatch.setattr(default, '_session', opened.enter_context(closing(Session(settings))))
            monkeypatch.setattr(default, '_process', os.getpid())
            return pxt.get_table('t', if_not_exists='ignore') or pxt.create_table('t', {'at': pxt.Timestamp})

        yield enter


def test_computed_columns(enter: Enter) -> None:
    t = enter('Asia/Tokyo')
    columns = {
        'hour': t.at.hour,
        'text': t.at.astype(pxt.String),
        'shown': pxtf.string.format('{0}', t.at.isoformat()),
        'naive': t.at.strip_timezone().replace(hour=0),
        'late': t.at > datetime.datetime(2024, 3, 1, 7),
        'chosen': t.at.isin([datetime.datetime(2024, 3, 1, 7, 30)]),
    }
    for name, expression in columns.items():
        t.add_computed_column(**{name: expression})
    t.add_computed_column(read=t.at.hour + 0, stored=False)
    t.insert(at=EVENING)
    t = enter('America/New_York')
    t.insert(at=EVENING)
    first, second = t.collect()
    assert first == second
    assert (first['hour'], first['read'], first['late'], first['chosen']) == (7, 7, True, True)
    assert first['shown'] == first['text'] == '2024-03-01T07:30:00+09:00'
    assert first['naive'] == datetime.datetime(2024, 2, 29, 15, 30, tzinfo=datetime.UTC)
    assert t.group_by(t.read).select(t.read, again=t.read + 1, now=pxtf.max(t.at.hour)).collect() == [
        {'read': 7, 'again': 8, 'now': 17}
    ]
    t.recompute_columns(t.hour)
    assert t.collect()['hour'] == [7, 7]
    assert not pxt.verify().problems
    assert t.get_metadata()['columns']['hour']['computed_with'] == 'at.hour'


def test_queries_as_functions(enter: Enter) -> None:
    t = enter('Asia/Tokyo')
    t.insert(at=EVENING)
    u = pxt.create_table('u', {'least': pxt.Int})

    @pxt.query
    def late(least: int):
        after = t.where((t.at.hour >= least) & (t.at > datetime.datetime(2024, 3, 1, 7)))
        utc, inside = t.at.astimezone('UTC'), {'at': t.at}
        return after.group_by(t.at, t.at.hour).select(t.at.hour, t.at, utc=utc, inside=inside)

    u.add_computed_column(found=late(u.least))
    u.add_computed_column(read=late(u.least), stored=False)
    u.insert(least=7)
    enter('America/New_York')
    u = pxt.get_table('u')
    u.insert(least=7)
    shown = '2024-03-01T07:30:00+09:00'
    expected = [{'hour': 7, 'at': shown, 'utc': '2024-02-29T22:30:00+00:00', 'inside': {'at': shown}}]
    assert u.select(u.found, u.read).collect() == [{'found': expected, 'read': expected}] * 2
    assert u.get_metadata()['columns']['found']['computed_with'] == 'late(least)'
    assert not u.stale()


def test_a_purge_finds_the_results_of_calls(enter: Enter) -> None:
    t = enter('Asia/Tokyo')

    @pxt.udf(cache=True)
    def kept(hour: int, at: datetime.datetime) -> str:
        return f'{hour} {at}'

    t.add_computed_column(kept=kept(t.at.hour, t.at))
    t.insert(at=EVENING)
    t = enter('America/New_York')
    t.insert(at=EVENING + datetime.timedelta(hours=1))
    assert t.purge(where=t.at >= EVENING).results == 2


def test_a_null_and_a_failure(enter: Enter) -> None:
    t = enter('Asia/Tokyo')
    t.add_column(kept=pxt.Timestamp | None)
    t.add_computed_column(hour=t.kept.hour)
    t.add_computed_column(bad=t.kept.astimezone('Nowhere').hour)
    t = enter('America/New_York')
    with pytest.warns(pxt.PixeltableWarning, match='Nowhere'):
        t.insert([{'at': EVENING, 'kept': None}, {'at': EVENING, 'kept': EVENING}], on_error='ignore')
    assert t.order_by(t.id).select(t.hour, t.bad).collect() == [{'hour': None, 'bad': None}, {'hour': 7, 'bad': None}]
    with pytest.raises(pxt.Error, match=r'kept=.*2024'):
        t.insert(at=EVENING, kept=EVENING, on_error='abort')


def test_views(enter: Enter) -> None:
    t = enter('Asia/Tokyo')
    pxt.create_view('mornings', t.where(t.at.hour < 12))
    pxt.create_view('groups', t.group_by(t.at.hour).select(hour=t.at.hour, n=pxtf.count(t.at)))
    pxt.create_view('highest', t.select(hour=pxtf.max(t.at.hour)))
    pxt.create_view('hours', t, iterator=hours(t.at))
    t.insert(at=EVENING)
    t = enter('America/New_York')
    t.insert(at=EVENING)
    assert pxt.get_table('mornings').count() == 2
    assert pxt.get_table('groups').collect() == [{'hour': 7, 'n': 2}]
    assert pxt.get_table('highest').collect() == [{'hour': 7}]
    made = pxt.get_table('hours')
    assert made.select(made.hour, made.moment).collect() == [{'hour': 7, 'moment': EVENING}] * 2
    assert not pxt.verify().problems
