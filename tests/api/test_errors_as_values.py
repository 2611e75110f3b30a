"""Computed columns that read what is known of the errors of others."""

from __future__ import annotations

import pytest

import pixeltable as pxt


@pxt.udf
def picky(x: int) -> int:
    if x == 2:
        raise ValueError('two')
    return x


@pytest.fixture
def p(home):
    return pxt.create_table('p', {'x': pxt.Int})


@pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')
def test_errors_of_another_column(p) -> None:
    p.add_computed_column(i=picky(p.x))
    p.add_computed_column(e=p.i.errortype)
    p.add_computed_column(has=p.i.errormsg != None)  # noqa: E711
    p.insert([{'x': 1}, {'x': 2}])
    assert p.order_by(p.x).select(p.i, p.e, p.has).collect() == [
        {'i': 1, 'e': None, 'has': False},
        {'i': None, 'e': 'ValueError', 'has': True},
    ]
    p.update({'x': 3}, where=p.x == 2)
    p.update({'x': 2}, where=p.x == 1)
    assert p.order_by(p.x).select(p.e).collect()['e'] == ['ValueError', None]
    p.recompute_columns('i')
    assert p.order_by(p.x).select(p.e).collect()['e'] == ['ValueError', None]


@pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')
def test_of_many_rows(p) -> None:
    p.add_computed_column(i=picky(p.x))
    p.add_computed_column(e=p.i.errortype == 'ValueError')
    p.insert([{'x': x} for x in range(3000)])
    assert p.where(p.e).select(p.x).collect()['x'] == [2]
