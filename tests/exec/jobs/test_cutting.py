"""A large segment whose cells take long is cut, and its rows appear part by part."""

from __future__ import annotations

import pyarrow as pa
import pytest

import pixeltable as pxt
from pixeltable.exec.jobs import cutting


@pytest.fixture
def large(home, monkeypatch, calls) -> pxt.Table:
    """50 rows in one segment, of which some are deleted, and some have ids that are scattered."""
    monkeypatch.setattr(cutting, 'FIRST_ROWS', 8)
    t = pxt.create_table('t', {'k': pxt.Int}, primary_key='k')
    t.insert(pa.table({'k': range(50)}))
    t.delete(where=(t.k == 3) | (t.k == 20))
    t.optimize()
    assert len(t._source().contents.segments) == 1
    return t


@pytest.fixture
def noted(calls):
    path = calls.path

    @pxt.udf
    def noted(k: int) -> int:
        with open(path, 'a') as log:
            log.write(f'{k}\n')
        return k + 1

    return noted


def test_it_is_cut_and_no_row_is_computed_twice(large, noted, calls, monkeypatch) -> None:
    monkeypatch.setattr(cutting, 'LONG_S', 0.0)
    monkeypatch.setattr(cutting, 'PART_S', 0.0)
    versions = len(large.get_versions())
    large.add_computed_column(x=noted(large.k), background=True).wait()
    assert len(large._source().contents.segments) == 6
    assert len(large.get_versions()) > versions + 2
    assert sorted(map(int, calls.take())) == [k for k in range(50) if k not in (3, 20)]
    assert large.order_by(large.k).select(large.x).collect()['x'] == [k + 1 for k in range(50) if k not in (3, 20)]
    assert (pxt.verify().problems, large.where(large.k == 30).count()) == ((), 1)
    large.optimize()
    assert len(large._source().contents.segments) == 1


def test_it_is_not_cut_if_it_is_quick(large, noted, calls) -> None:
    large.add_computed_column(x=noted(large.k), background=True).wait()
    assert len(large._source().contents.segments) == 1
    assert len(calls.take()) == 48


def test_a_writer_that_changes_it_meanwhile(large, noted, calls, monkeypatch) -> None:
    monkeypatch.setattr(cutting, 'LONG_S', 0.0)
    commit, left = type(large._session.catalog).commit, ['once']

    def late(self, change):
        if change.operation == 'cut' and left:
            left.clear()
            large.delete(where=large.k == 5)
        return commit(self, change)

    monkeypatch.setattr(type(large._session.catalog), 'commit', late)
    large.add_computed_column(x=noted(large.k), background=True).wait()
    assert (len(calls.take()), left) == (48, [])
    assert large.where(large.x == large.k + 1).count() == 47


def test_what_is_computed_again_is_cut_by_its_size(large, noted, calls, monkeypatch) -> None:
    large.add_computed_column(x=noted(large.k))
    large.add_computed_column(y=large.k + 1)
    calls.take()
    monkeypatch.setattr(cutting, 'LARGE_ROWS', 10)
    large.recompute_columns('y', background=True).wait()
    assert len(large._source().contents.segments) == 1
    large.recompute_columns('x', background=True).wait()
    assert len(large._source().contents.segments) == 5
    assert len(calls.take()) == 48
    assert large.stale() == []
