from __future__ import annotations

import pytest

import pixeltable as pxt

polars = pytest.importorskip('polars')


def test_there_and_back() -> None:
    frame = polars.DataFrame({'k': [1, 2], 's': ['a', None], 'v': [[1, 2], [3]], 'd': [{'x': 1}, {'x': 2}]})
    t = pxt.create_table('t', source=frame)
    t.insert(frame)
    assert t.count() == 4
    back = t.order_by(t.k).limit(1).collect().to_polars()
    assert back.columns == ['k', 's', 'v', 'd']
    assert back['s'].to_list() == ['a']


def test_a_query_gives_a_frame(t) -> None:
    frame = t.where(t.k > 2).to_polars()
    assert (frame.shape, frame['k'].to_list()) == ((2, 3), [3, 4])
