"""The functions that are in no module: a normal, a NULL and a wrong argument for each."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

import pixeltable as pxt
import pixeltable.functions as pxtf
from pixeltable.errors import ErrorCode, RequestError


@pytest.fixture
def t(home) -> pxt.Table:
    t = pxt.create_table('t', {'n': pxt.Int | None, 'j': pxt.Json | None, 'b': pxt.Binary | None})
    t.insert([{'n': 2, 'j': [3, 1]}, {'n': 4, 'j': None}])
    return t


@pytest.mark.parametrize(
    ('function', 'expected', 'of_null'),
    [(pxtf.sum, 6, None), (pxtf.mean, 3.0, None), (pxtf.min, 2, None), (pxtf.max, 4, None), (pxtf.count, 2, 0)],
)
def test_aggregates(t: pxt.Table, function: Any, expected: object, of_null: object) -> None:
    assert t.select(x=function(t.n)).collect()['x'] == [expected]
    assert t.where(t.n > 9).select(x=function(t.n)).collect()['x'] == [of_null]
    if function is not pxtf.count:  # of what can be NULL there is a number
        with pytest.raises(RequestError) as caught:
            function(t.b)
        assert caught.value.error_code is ErrorCode.TYPE_MISMATCH


@pytest.mark.parametrize(
    ('call', 'expected', 'wrong'),
    [
        (lambda t: pxtf.cast(t.n, pxt.String), ['2', '4', None], lambda t: pxtf.cast(t.b, pxt.Int)),
        (lambda t: pxtf.map(t.j, lambda x: x + 1), [[4, 2], None, None], lambda t: pxtf.map(t.n, lambda x: x)),
        (lambda t: pxtf.filter(t.j, lambda x: x > 1), [[3], None, None], lambda t: pxtf.filter(t.n, lambda x: x)),
        (lambda t: pxtf.sort(t.j), [[1, 3], None, None], lambda t: pxtf.sort(t.n)),
    ],
    ids=['cast', 'map', 'filter', 'sort'],
)
def test_functions(t: pxt.Table, call: Any, expected: list[object], wrong: Any) -> None:
    t.insert([{}])
    assert t.order_by(t.id).select(x=call(t)).collect()['x'] == expected
    with pytest.raises(RequestError) as caught:
        wrong(t)
    assert caught.value.error_code is ErrorCode.TYPE_MISMATCH


@pytest.mark.parametrize('function', [pxtf.uuid.uuid4, pxtf.uuid.uuid7])
def test_new_ids(t: pxt.Table, function: Any) -> None:
    found = t.select(x=function()).collect()['x']
    assert len(set(found)) == 2
    assert all(isinstance(each, uuid.UUID) for each in found)
    with pytest.raises(RequestError) as caught:
        function(1)
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT
