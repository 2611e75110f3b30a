from __future__ import annotations

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.plan.logical import POSITION


@pytest.fixture
def table(home) -> pxt.Table:
    """Three segments; one row deleted, one updated into a fourth."""
    t = pxt.create_table('t', {'k': pxt.Int})
    for start in (0, 10, 20):
        t.insert({'k': start + n} for n in range(3))
    t.delete(t.k == 11)
    t.update({'k': 2000}, where=t.k == 20)
    return t


def test_read(table) -> None:
    source = table._source()
    (together,) = source.read(['c1'])  # as all four segments are inlined
    assert together['c1'].to_pylist() == [0, 1, 2, 10, 12, 21, 22, 2000]
    assert not source.in_order


def test_positions_count_deleted_rows(table) -> None:
    (together,) = table._source().read([POSITION])
    assert together[POSITION].to_pylist() == [0, 1, 2, 3, 5, 7, 8, 9]


@pytest.mark.parametrize('positions', [[5, 0, 9, 3], [9, 8, 7], [0], [2, 2], []])
def test_fetch_keeps_the_order_asked_for(table, positions) -> None:
    values = {0: 0, 2: 2, 3: 10, 5: 12, 7: 21, 8: 22, 9: 2000}
    fetched = table._source().fetch(['c1', 'row_id'], np.array(positions, np.int64))
    assert fetched['c1'].to_pylist() == [values[p] for p in positions]
    assert fetched.num_rows == len(positions)


def test_updated_rows_keep_their_place(table) -> None:
    assert table.collect()['k'] == [0, 1, 2, 10, 12, 2000, 21, 22]
    assert table.select(table.id).collect()['id'] == [1, 2, 3, 4, 6, 7, 8, 9]


def test_an_empty_table_has_its_fields(home) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String})
    (empty,) = t._source().read(['c1', 'c2'])
    assert (empty.num_rows, empty.column_names) == (0, ['c1', 'c2'])
