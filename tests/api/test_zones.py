"""A time without a zone is one in the default time zone, wherever it comes from."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TypedDict
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

import pixeltable as pxt
from pixeltable import functions as pxtf
from pixeltable.api import default
from pixeltable.config.settings import Settings
from pixeltable.session import Session

NEW_YORK = ZoneInfo('America/New_York')
NAIVE = datetime.datetime(2024, 2, 29, 8, 45)


@pxt.udf
def read(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


@pxt.uda
class last(pxt.Aggregator):  # noqa: N801
    def __init__(self) -> None:
        self._value = ''

    def update(self, text: str) -> None:
        self._value = text

    def value(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(self._value)


class Moment(TypedDict):
    moment: datetime.datetime


@pxt.iterator
def moments(text: str) -> Iterator[Moment]:
    yield {'moment': datetime.datetime.fromisoformat(text)}


@pytest.fixture
def t(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pxt.Table]:
    with closing(Session(Settings(tmp_path / 'home', NEW_YORK, verbosity=0, show_progress=False))) as session:
        monkeypatch.setattr(default, '_session', session)
        monkeypatch.setattr(default, '_process', os.getpid())
        t = pxt.create_table('t', {'at': pxt.Timestamp, 'text': pxt.String})
        t.insert(at=NAIVE, text=NAIVE.isoformat())
        yield t


def test_columns_and_queries_agree(t: pxt.Table) -> None:
    made = {
        'udf': read(t.text),
        'cast': t.text.astype(pxt.Timestamp),
        'stripped': t.at.strip_timezone(),
        'made': pxtf.timestamp.make_timestamp(2024, 2, 29, 8, 45),
    }
    for name, expression in made.items():
        t.add_computed_column(**{name: expression})
    expected = dict.fromkeys(made, NAIVE.replace(tzinfo=NEW_YORK))
    assert t.select(**{name: t[name] for name in made}).collect() == [expected]
    assert t.select(**made).collect() == [expected]
    assert t.where(read(t.text) == t.at).count() == 1


def test_aggregates_and_views(t: pxt.Table) -> None:
    moment = NAIVE.replace(tzinfo=NEW_YORK)
    assert t.select(v=last(t.text)).collect() == [{'v': moment}]
    assert pxt.create_view('v', t, iterator=moments(t.text)).collect()['moment'] == [moment]


def test_databases_without_zones(t: pxt.Table, tmp_path: Path) -> None:
    url = f'sqlite:///{tmp_path}/other.db'
    pxt.io.export_sql(t, 'kept', db_connect_str=url)
    engine = sa.create_engine(url)
    kept = sa.Table('kept', sa.MetaData(), autoload_with=engine)
    assert pxt.io.import_sql(kept, engine, 'back').collect()['at'] == [NAIVE.replace(tzinfo=NEW_YORK)]
    engine.dispose()


def test_results_of_cached_calls(t: pxt.Table) -> None:
    @pxt.udf(cache=True)
    def again(text: str) -> datetime.datetime:
        return datetime.datetime.fromisoformat(text)

    found = [t.select(v=again(t.text)).collect() for _ in range(2)]
    assert found == [[{'v': NAIVE.replace(tzinfo=NEW_YORK)}]] * 2


def test_moved_moments_are_shown_where_they_were_moved_to(t: pxt.Table) -> None:
    moved = t.select(
        tokyo=t.at.astimezone('Asia/Tokyo'), utc=t.at.astimezone('UTC'), hour=t.at.astimezone('Asia/Tokyo').hour
    )
    row = moved.collect()[0]
    assert row['tokyo'].isoformat() == '2024-02-29T22:45:00+09:00'
    assert row['utc'].isoformat() == '2024-02-29T13:45:00+00:00'
    assert row['hour'] == 22
    assert str(moved.collect().to_pandas().dtypes['tokyo']) == 'datetime64[us, Asia/Tokyo]'
    assert [each['tokyo'].utcoffset() for each in moved.cursor()] == [row['tokyo'].utcoffset()]
    t.add_computed_column(kept=t.at.astimezone('Asia/Tokyo'))
    assert t.collect()[0]['kept'].isoformat() == '2024-02-29T08:45:00-05:00'
    nothing = t.where(t.text == '').select(t.at.astimezone('Asia/Tokyo'), t.at.astimezone('Nowhere/Else'))
    assert len(nothing.collect()) == 0


def test_an_unknown_zone_is_an_error(t: pxt.Table) -> None:
    with pytest.raises(pxt.Error, match='Nowhere/Else'):
        t.select(t.at.astimezone('Nowhere/Else')).collect()
