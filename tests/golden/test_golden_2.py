"""What homes hold from format 2 on goes on working, whatever release made them."""

from __future__ import annotations

import datetime
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode

LATER = sorted({path.name for path in Path(__file__).parent.glob('format_*')} - {'format_1'})
pytestmark = pytest.mark.parametrize('old_home', LATER, indirect=True)


def newest_rows(description: Any) -> dict[str, Any]:
    return {path: description._describe_rows(pxt.get_table(path)) for path in pxt.list_tables()}


def test_maintenance_leaves_all_rows_as_they_are(old_home: str, description: Any) -> None:
    before = newest_rows(description)
    for path in set(pxt.list_tables()) - {'library/old/books'}:
        pxt.get_table(path).optimize()
    pxt.vacuum(retain=1)
    assert newest_rows(description) == before
    assert pxt.verify(sample=100).problems == ()


def test_a_vacuum_forgets_the_lease_of_who_crashed(old_home: str, home_of: Callable[[], Path]) -> None:
    pxt.vacuum()
    with closing(sqlite3.connect(home_of() / 'catalog.db')) as connection:
        assert connection.execute('SELECT count(*) FROM leases').fetchone() == (0,)


@pytest.mark.parametrize('name', ['n1', 'new'])
def test_a_key_that_is_there_is_refused(old_home: str, name: str) -> None:
    t = pxt.get_table('keyed')
    day = t.where(t.name == name).head(1)['day'][0]
    with pytest.raises(pxt.Error) as caught:
        t.insert([{'name': name, 'day': day, 'note': 'twice'}])
    assert caught.value.error_code is ErrorCode.CONSTRAINT_VIOLATION
    t.insert([{'name': name, 'day': datetime.date(1999, 1, 1), 'note': 'once'}])


def test_a_table_goes_on_in_its_own_data_root(old_home: str, home_of: Callable[[], Path]) -> None:
    t = pxt.get_table('own')
    before = set((home_of() / 'own').rglob('*.parquet'))
    t.insert([{'number': number, 'text': 'more ' * 40} for number in range(1000, 1500)])
    assert len(set((home_of() / 'own').rglob('*.parquet')) - before) == 1
    assert t.where(t.number >= 1000).select(t.words).distinct().collect()['words'] == [40]


def test_a_row_is_found_in_a_later_row_group(old_home: str) -> None:
    t = pxt.get_table('wide')
    (row,) = t.where(t.number == 118).select(t.text, t.ratio).collect()
    assert (row['text'][:4], row['ratio']) == ('118x', 29.5)
    assert t.where(t.ratio > 29).count() == 2  # NaN is greater than every number


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason='a function that is stored by value needs the Python that stored it'
)
def test_stored_functions_compute_new_rows(old_home: str) -> None:
    t = pxt.get_table('functions')
    t.insert([{'title': 'four', 'pages': 2, 'pair': [2.0, 3.0]}])
    (row,) = t.where(t.pages == 2).select(t.local, t.bound, t.number, t.word, t.close, t.length).collect()
    assert row == {
        'local': 42, 'bound': {'a': 1.0, 'b': 6.0}, 'number': 4, 'word': 'fourfour', 'close': 2.0, 'length': 5
    }  # fmt: skip


@pytest.mark.parametrize('index', ['near', 'idx0'])
def test_an_index_is_searched(old_home: str, index: str) -> None:
    t = pxt.get_table('functions')
    nearest = t.order_by(t.title.similarity('one', idx=index), asc=False).limit(1)
    assert nearest.select(t.title).collect()['title'] == ['one']


def test_cells_that_older_code_made_stay_until_they_are_computed_again(old_home: str) -> None:
    t = pxt.get_table('changing')
    rows = t.order_by(t.pages).select(t['stale'], t.partly, t.mended).collect()
    assert (rows['stale'][9], rows['partly'][5], rows['partly'][6], rows['mended'][0]) == (9, 5, 12, 2)
    assert t.where(t.mended.errortype != None).count() == 0  # noqa: E711
    t.recompute_columns('stale', 'partly')
    assert t.where((t['stale'] != 2 * t.pages) | (t.partly != 2 * t.pages)).count() == 0


def test_expressions_compute_new_rows(old_home: str) -> None:
    t = pxt.get_table('expressions')
    (old,) = t.where(t.n == 2).collect()
    columns = ('n', 'x', 's', 'j', 'a', 'b', 'time', 'day', 'id_', 'raw')
    t.drop_column('failed')
    t.insert([{name: old[name] for name in columns}])
    first, second = t.where(t.n == 2).select(t.arithmetic, t.logic, t.constants, t.path, t.text, t.parts).collect()
    assert first == second


def test_a_version_that_was_vacuumed_says_so(old_home: str) -> None:
    with pytest.raises(pxt.NotFoundError, match='vacuum'):
        pxt.get_table('kept:1')


def test_rows_are_purged_from_versions_that_were_there_before(old_home: str) -> None:
    t = pxt.get_table('kinds')
    assert t.purge(where=t.key == 1).rows == 1
    assert pxt.get_table('kinds:1').where(pxt.get_table('kinds:1').key == 1).count() == 0
    assert pxt.verify().problems == ()
