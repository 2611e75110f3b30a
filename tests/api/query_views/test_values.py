"""Views of queries over values of every kind, and over tables whose past goes, or whose cells come later."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable import functions as fn

TYPES: dict[str, Any] = {
    'j': pxt.Json | None,
    'f': pxt.Float | None,
    'd': pxt.Timestamp | None,
    'u': pxt.UUID | None,
    'b': pxt.Bool | None,
    's': pxt.String | None,
}
ROWS = [
    {
        'j': {'a': 1},
        'f': float('nan'),
        'd': datetime.datetime(2024, 1, 1),
        'u': uuid.UUID(int=5),
        'b': True,
        's': "it's",
    },
    {'j': [1], 'f': 0.0, 'd': None, 'u': None, 'b': None, 's': None},
    {'j': None, 'f': -0.0, 'd': datetime.datetime(2024, 1, 2), 'u': uuid.UUID(int=5), 'b': False, 's': ''},
]


def rows(result: Any) -> list[str]:
    return sorted(repr(tuple(row.values())).replace('-0.0', '0.0') for row in result.collect())  # one group


@pytest.mark.parametrize('key', TYPES)
def test_keys_of_every_type(key) -> None:
    t = pxt.create_table('t', {**TYPES, 'n': pxt.Int})
    data = [{**row, 'n': number} for number, row in enumerate(ROWS)]
    t.insert(data)
    queries = {
        'added': t.group_by(t[key]).select(t[key], n=fn.count(t.n), total=fn.sum(t.n)),
        'again': t.group_by(t[key]).select(t[key], m=fn.mean(t.n)),
        'distinct': t.select(t[key]).distinct(),
    }
    views = {name: pxt.create_view(name, query) for name, query in queries.items()}
    for change in (lambda: t.insert(data), lambda: t.update({'n': 7}, where=t.n == 1), lambda: t.delete(t.n == 2)):
        change()
        for name, query in queries.items():
            assert rows(views[name]) == rows(query)


def test_media() -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    u = pxt.create_table('u', {'k': pxt.Int, 'name': pxt.String})
    t.insert([{'k': k, 'img': PIL.Image.new('RGB', (4 + k, 4))} for k in range(3)])
    u.insert([{'k': k, 'name': f'n{k}'} for k in range(4)])
    v = pxt.create_view('v', t.join(u, on=t.k == u.k).select(t.img, u.name, width=t.img.width, turned=t.img.rotate(90)))
    t.insert([{'k': 3, 'img': PIL.Image.new('RGB', (9, 4))}])
    t.delete(t.k == 0)
    pxt.vacuum()
    assert [row['turned'].size for row in v.order_by(v.width).collect()] == [(5, 4), (6, 4), (9, 4)]
    assert v.order_by(v.width).collect()['width'] == [5, 6, 9]


def test_cells_that_come_later() -> None:
    @pxt.udf
    def parity(k: int) -> int:
        return k % 2

    t = pxt.create_table('t', {'k': pxt.Int})
    t.add_computed_column(odd=parity(t.k))
    v = pxt.create_view('v', t.group_by(t.odd).select(t.odd, n=fn.count(t.k)))
    t.insert([{'k': k} for k in range(5)], background=True).wait()
    assert v.order_by(v.odd).collect() == [{'odd': 0, 'n': 3}, {'odd': 1, 'n': 2}]


def test_columns_that_are_not_stored() -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    t.add_computed_column(half=t.k // 2, stored=False)
    t.insert([{'k': k} for k in range(4)])
    v = pxt.create_view('v', t.group_by(t.half).select(t.half, n=fn.count(t.k)))
    t.update({'k': 9}, where=t.k == 0)
    t.rename_column('half', 'other')
    t.insert(k=8)
    assert v.order_by(v.half).collect() == [{'half': 0, 'n': 1}, {'half': 1, 'n': 2}, {'half': 4, 'n': 2}]


def test_a_vacuum_keeps_what_snapshots_above_see() -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    t.insert([{'k': k} for k in range(5)])
    v = pxt.create_view('v', t.where(t.k > 1))
    w = pxt.create_view('w', v.where(v.k > 2))
    joined = pxt.create_view('joined', w.join(v, on=w.k == v.k).select(w.k))
    x = pxt.create_view('x', joined.where(joined.k > 3))
    for view in (w, x):
        pxt.snapshot(view, name='kept')
    t.update({'k': t.k + 1})
    t.delete()
    pxt.vacuum(retain=1)
    assert (sorted(w.at('kept').collect()['k']), x.at('kept').collect()['k']) == ([3, 4], [4])
    assert pxt.verify().problems == ()


def test_a_base_does_not_go_back_to_before_what_a_view_reads() -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    t.insert(k=1)
    t.add_column(extra=pxt.Int | None)
    v = pxt.create_view('v', t.group_by(t.extra).select(t.extra, n=fn.count(t.k)))
    with pytest.raises(pxt.Error, match="column 'extra' of 't' cannot be taken back: view 'v' needs it"):
        pxt.restore('t', version=1)
    assert (v.collect(), t.columns()) == ([{'extra': None, 'n': 1}], ['k', 'extra'])


def test_nearest_rows() -> None:
    @pxt.udf
    def embedded(text: str) -> pxt.Array[(2,), pxt.Float]:
        import numpy as np

        return np.array([len(text), 1], np.float32)

    t = pxt.create_table('t', {'s': pxt.String})
    t.add_embedding_index('s', embedding=embedded, metric='l2')
    t.insert([{'s': 'x' * number} for number in range(1, 9)])
    v = pxt.create_view('v', t.order_by(t.s.similarity('four'), asc=False).limit(2).select(t.s))
    t.insert([{'s': 'near'}, {'s': 'so far away'}])
    assert sorted(v.collect()['s']) == ['near', 'xxxx']
    t.delete(t.s == 'near')
    assert 'xxxx' in v.collect()['s']


def test_how_it_prints() -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    u = pxt.create_table('u', {'k': pxt.Int})
    v = pxt.create_view('v', t.join(u, on=t.k == u.k).where(u.k > 2).order_by(t.k).limit(3).select(t.k))
    wanted = ["view 'v' (of 't', 'u')", 'Join: inner on k == k', 'Where: k > 2', 'Order By: k', 'Limit: 3']
    assert repr(v).splitlines()[:5] == wanted
