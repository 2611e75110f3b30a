"""Rows looked up by their primary key or id: only the files that may have them are opened."""

from __future__ import annotations

import re
import uuid

import pytest

import pixeltable as pxt
from pixeltable.storage import segments

PARTS, ROWS = 5, 100


def new_key(part: int, row: int) -> uuid.UUID:
    """Keys without an order: only filters tell files apart."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f'{part} {row}')


@pytest.fixture
def v(monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    monkeypatch.setattr(segments, 'INLINE_BYTES', 0)
    v = pxt.create_table('v', {'k': pxt.UUID, 'part': pxt.Int, 'n': pxt.Int}, primary_key=['k', 'part'])
    for part in range(PARTS):
        v.insert({'k': new_key(part, row), 'part': part, 'n': row} for row in range(ROWS))
    return v


def opened(query) -> int:
    """How many of the table's segments a query looks into."""
    found = re.search(r'(\d+) of (\d+) segments', query.explain())
    assert found is not None, query.explain()
    assert int(found[2]) == PARTS
    return int(found[1])


def test_one_file_is_opened_for_a_key(v, reopen) -> None:
    reopen()
    v = pxt.get_table('v')
    query = v.where((v.k == new_key(3, 7)) & (v.part == 3))
    assert query.collect()['n'] == [7]
    assert opened(query) == 1


def test_none_for_a_key_that_does_not_exist(v) -> None:
    key = uuid.UUID(int=1)
    assert sum(opened(v.where((v.k == key) & (v.part == part))) for part in range(PARTS)) == 0


def test_several_keys(v) -> None:
    keys = [new_key(1, 1), new_key(3, 3), new_key(3, 4), uuid.UUID(int=2)]
    query = v.where(v.k.isin(keys)).where(v.part.isin([1, 2, 3]) & (v.n > 1))
    assert sorted(query.collect()['n']) == [3, 4]
    assert opened(query) == 2


def test_half_a_key_says_nothing(v) -> None:
    query = v.where(v.k == new_key(3, 7))
    assert query.collect()['n'] == [7]
    assert opened(query) == PARTS


def test_a_deleted_row_is_not_found_and_a_new_one_is(v) -> None:
    where = (v.k == new_key(2, 2)) & (v.part == 2)
    v.delete(where)
    assert v.where(where).count() == 0
    v.insert(k=new_key(2, 2), part=2, n=-1)
    assert v.where(where).collect()['n'] == [-1]
    assert v.at(PARTS).where(where).collect()['n'] == [2]


def test_changes_find_rows_in_the_same_way(v) -> None:
    where = (v.k == new_key(4, 4)) & (v.part == 4)
    assert v.update({'n': 44}, where=where).num_rows == 1
    assert v.update({'n': 45}, where=where).num_rows == 1
    assert v.where(where).collect()['n'] == [45]
    assert v.delete(where).num_rows == 1
    assert v.update({'n': 46}, where=where).num_rows == 0


def test_rows_by_id(v) -> None:
    query = v.where(v.id == 2 * ROWS + 1)
    assert query.collect()['n'] == [0]
    assert opened(query) == 1
