"""`map`, `filter` and `sort` over Json lists, and choices between values, evaluated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pixeltable as pxt
import pixeltable.functions as pxtf
from pixeltable.errors import RequestError


@pxt.udf
def half(x: int) -> float:
    if x % 2:
        raise ValueError(f'{x} is odd')
    return x / 2


@pytest.fixture
def w() -> pxt.Table:
    table = pxt.create_table('w', {'k': pxt.Int | None, 'j': pxt.Json | None})
    boxes = [{'name': 'b', 'n': 2}, {'name': 'a', 'n': 4}, {'name': 'c'}]
    table.insert([{'k': 2, 'j': boxes}, {'k': None, 'j': []}, {'k': 3, 'j': 'no list'}, {'k': 4, 'j': None}])
    return table


EXPRESSIONS: dict[str, tuple[Any, list[Any]]] = {
    'map': (lambda w: w.j.map(lambda r: r.n + 1), [[3, 5, None], [], None, None]),
    'map to dicts': (lambda w: w.j.map(lambda r: {'t': f'{r.name}!'}), [[{'t': x} for x in ('b!', 'a!', 'c!')], [], None, None]),
    'the row of the item': (lambda w: w.j['*'].n.map(lambda n: n * w.k), [[4, 8, None], [], None, None]),
    'filter': (lambda w: w.j.filter(lambda r: r.n > 2), [[{'name': 'a', 'n': 4}], [], None, None]),
    'filter by NULL': (lambda w: w.j.filter(lambda r: r.n == None), [[{'name': 'c'}], [], None, None]),  # noqa: E711
    'sort': (lambda w: w.j.sort(lambda r: r.name)['*'].name, [['a', 'b', 'c'], [], None, None]),
    'sort descending': (lambda w: w.j.sort(lambda r: r.n, asc=False)['*'].name, [['c', 'a', 'b'], [], None, None]),
    'sort with NULL': (lambda w: pxtf.sort(w.j['*'].n), [[2, 4, None], [], None, None]),
    'nested': (lambda w: w.j.map(lambda a: w.j.map(lambda b: a.n * b.n))[0], [[4, 8, None], None, None, None]),
    'built apart': (lambda w: (lambda inner: w.j.map(lambda a: inner)[0][0])(w.j.map(lambda b: b.n)), [2, None, None, None]),
    'isin a Json list': (lambda w: w.k.isin(w.j['*'].n), [True, False, None, None]),
    'isin no values': (lambda w: w.k.isin([]), [False, False, False, False]),
    'isin expressions': (lambda w: w.k.isin([w.k + 1, 3]), [False, None, True, False]),
    'case': (lambda w: pxt.case((w.k > 3, 'big'), (w.k > 2, 'mid'), otherwise='small'), ['small', 'small', 'mid', 'big']),
    'case of numbers': (lambda w: pxt.case((w.k > 2, w.k), otherwise=0.5), [0.5, 0.5, 3.0, 4.0]),
    'a test that is its value': (lambda w: (lambda big: pxt.case((big, big)))(w.k > 3), [None, None, None, True]),
    'coalesce': (lambda w: pxt.coalesce(w.k, 0), [2, 0, 3, 4]),
    'a value not taken cannot fail': (lambda w: pxt.case((w.k != 3, half(w.k)), otherwise=-1.0), [1.0, -1.0, -1.0, 2.0]),
    'coalesce does not call in vain': (lambda w: pxt.coalesce(w.k, w.j.len(), half(w.k + 1)), [2.0, 0.0, 3.0, 4.0]),
}  # fmt: skip


@pytest.mark.parametrize('name', EXPRESSIONS)
def test_values(w: pxt.Table, name: str) -> None:
    make, expected = EXPRESSIONS[name]
    found = w.select(x=make(w)).collect()['x']
    assert found == expected
    assert list(map(type, found)) == list(map(type, expected))


@pytest.mark.parametrize('name', ['map', 'sort', 'nested', 'case of numbers', 'isin a Json list'])
def test_as_a_computed_column_that_is_opened_again(w: pxt.Table, name: str, reopen: Any) -> None:
    make, expected = EXPRESSIONS[name]
    w.add_computed_column(x=make(w))
    reopen()
    table = pxt.get_table('w')
    assert table is not None
    table.insert(table.select(table.k, table.j).head(1))
    assert table.select(table.x).collect()['x'] == [*expected, expected[0]]


def test_a_failing_item_is_an_error_of_its_row(w: pxt.Table) -> None:
    w.add_computed_column(x=w.j.map(lambda r: half(r.n + w.k - 2)))
    assert w.select(w.x).collect()['x'][0] == [1.0, 2.0, None]
    with pytest.warns(pxt.PixeltableWarning, match='3 is odd'):
        w.insert([{'k': 3, 'j': [{'n': 2}]}])
    rows = w.select(w.x, w.x.errormsg).tail(1)
    assert rows[0] == {'x': None, 'x_errormsg': '3 is odd'}


def test_objects_have_no_order(w: pxt.Table) -> None:
    with pytest.raises(RequestError, match='has no place in an order'):
        w.select(w.j.sort()).collect()


def test_filters_and_keys_may_be_anything(w: pxt.Table) -> None:
    assert w.where(w.j.filter(lambda r: r.n > 2)[0].name == 'a').count() == 1
    assert w.order_by(pxt.coalesce(w.k, 10), asc=False).select(w.k).collect()['k'] == [None, 4, 3, 2]


def test_arrays(w: pxt.Table) -> None:
    found = w.select(x=pxt.array([w.k, 1])).collect()['x']
    assert found[1] is None
    assert (found[0].tolist(), found[0].dtype) == ([2, 1], np.dtype('int64'))
    stacked = w.select(x=pxt.array([pxt.array([w.k, 1]), pxt.array([w.k, 2])])).head(1)['x'][0]
    assert stacked.tolist() == [[2, 1], [2, 2]]


def test_arrays_bytes_and_images_inside_json(reopen: Any) -> None:
    pillow = pytest.importorskip('PIL.Image')
    image = pillow.new('RGB', (2, 2), 'red')

    @pxt.udf
    def found(x: int) -> dict:
        return {'v': np.arange(x, dtype=np.float32), 'raw': b'\x00', 'im': image}

    table = pxt.create_table('n', {'k': pxt.Int, 'j': pxt.Json})
    table.add_computed_column(made=found(table.k))
    table.insert([{'k': 2, 'j': {'v': [np.array([1, 2])], 'raw': b'x'}}])
    reopen()
    again = pxt.get_table('n')
    assert again is not None
    row = again.select(
        again.j, again.made, v=again.j.v[0], raw=again.made.raw, both={'a': again.made.v, 'k': again.k}
    ).collect()[0]
    assert row['j']['v'][0].tolist() == row['v'].tolist() == [1, 2]
    assert (row['j']['raw'], row['raw'], row['made']['im'].tobytes()) == (b'x', b'\x00', image.tobytes())
    assert (row['both']['a'].dtype, row['both']['k']) == (np.float32, 2)
    assert again.where(again.j.raw == again.j.raw).count() == 1
    assert 'data:image/png' in again.select(x=pxt.functions.json.dumps(again.made)).collect()['x'][0]
    assert again.select(again.made).collect() is not None
    assert repr(again.collect())
    assert again.compute([{'k': 1, 'j': {'b': b'y'}}]).to_json()[0]['j'] == {'b': 'eQ=='}
