from __future__ import annotations

import datetime

import numpy as np

import pixeltable as pxt


def test_columns(t: pxt.Table) -> None:
    found = t.order_by(t.k).to_numpy()
    assert list(found) == ['k', 's', 'f']
    assert (found['k'].dtype, found['f'].dtype, found['s'].dtype) == (np.int64, np.float64, object)
    assert found['k'].tolist() == [0, 1, 2, 3, 4]
    assert np.isnan(found['f'][4])
    assert found['s'].tolist() == list('abcde')


def test_arrays_are_stacked() -> None:
    t = pxt.create_table('v', {'v': pxt.Array[(2,), pxt.Float] | None})
    t.insert([{'v': [1, 2]}, {'v': [3, 4]}])
    assert t.to_numpy()['v'].tolist() == [[1, 2], [3, 4]]
    t.insert(v=None)
    assert t.to_numpy()['v'].tolist()[2] is None


def test_nulls() -> None:
    types = {'i': pxt.Int | None, 'b': pxt.Bool | None, 'w': pxt.Timestamp | None, 'j': pxt.Json | None}
    t = pxt.create_table('n', types)
    t.insert([{'i': 1, 'b': True, 'w': datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC), 'j': [1]}, {'i': None}])
    found = t.to_numpy()
    assert np.isnan(found['i'][1])
    assert found['b'].tolist() == [True, None]
    assert (found['w'][0], np.isnat(found['w'][1])) == (np.datetime64('2024-01-02'), True)
    assert found['j'].tolist() == [[1], None]


def test_no_rows(t: pxt.Table) -> None:
    found = t.where(t.k > 100).to_numpy()
    assert {name: len(column) for name, column in found.items()} == {'k': 0, 's': 0, 'f': 0}
