"""Cells that failed: why, after how many calls, and because of which input."""

from __future__ import annotations

import pytest

import pixeltable as pxt


@pytest.fixture
def failing(calls, t) -> pxt.Table:
    """`t` with `x = f(k)`, which fails on 1 and 2 while the file `broken` exists, `y = x + 1`, and `w = f(k + 10)`."""
    import os

    path, broken = calls.path, calls.path + '-broken'
    open(broken, 'w').close()

    @pxt.udf
    def f(k: int) -> int:
        with open(path, 'a') as log:
            log.write(f'f {k}\n')
        if k % 10 in (1, 2) and os.path.exists(broken):
            raise [KeyError, ValueError][k % 2](f'{k} is bad')
        return k * 10

    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(x=f(t.k))
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(y=t.x + 1)
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(w=f(t.k + 10))
    calls.take()
    return t


@pytest.fixture
def repair(calls):
    import os

    return lambda: os.remove(calls.path + '-broken')


def test_each_failed_cell(failing) -> None:
    found = failing.errors()
    assert [(row['id'], row['column'], row['errortype'], row['attempts'], row['input']) for row in found] == [
        (2, 'x', 'ValueError', 1, None),
        (3, 'x', 'KeyError', 1, None),
        (2, 'y', 'InputError', None, 'x'),
        (3, 'y', 'InputError', None, 'x'),
        (2, 'w', 'ValueError', 1, None),
        (3, 'w', 'KeyError', 1, None),
    ]
    assert 'raise [KeyError, ValueError][k % 2]' in found[0, 'traceback']
    assert "column 'x': ValueError: 1 is bad" in found[2, 'errormsg']
    assert failing.errors('w') == found[4:]
    assert failing.errors(failing.y) == found[2:4]


def test_they_are_counted_among_what_is_stale(failing) -> None:
    rows = [(row['column'], row['cells'], row['reason'], row['detail']) for row in failing.stale()]
    assert rows == [
        ('x', 2, 'error', 'ValueError 1×, KeyError 1×'),
        ('y', 2, 'error', 'InputError 2×'),
        ('w', 2, 'error', 'ValueError 1×, KeyError 1×'),
    ]


def test_all_that_failed_is_computed_again(failing, calls, repair) -> None:
    with pytest.warns(pxt.PixeltableWarning):
        failing.update({'k': 11}, where=failing.k == 4)
    calls.take()
    repair()
    status = failing.recompute_columns(only='errors')
    assert calls.take() == ['f 1', 'f 11', 'f 11', 'f 12', 'f 2', 'f 21']
    assert (status.num_computed_values, status.num_excs, len(failing.errors())) == (9, 0, 0)
    assert failing.order_by(failing.k).select(failing.y, failing.w).collect() == [
        {'y': 1, 'w': 100},
        {'y': 11, 'w': 110},
        {'y': 21, 'w': 120},
        {'y': 31, 'w': 130},
        {'y': 111, 'w': 210},
    ]
    assert failing.recompute_columns(only='errors').num_rows == 0


def test_columns_that_failed_in_different_rows(failing, calls, repair) -> None:
    with pytest.warns(pxt.PixeltableWarning):
        failing.recompute_columns('w', where=failing.k == 1)
    failing.update({'k': 3}, where=failing.k == 2)
    calls.take()
    repair()
    failing.recompute_columns('w', 'x', only='errors')
    assert calls.take() == ['f 1', 'f 11']


def test_stale_cells_are_others_than_failed_ones(failing) -> None:
    assert failing.recompute_columns(only='stale').num_rows == 0


def test_errors_move_with_their_rows(failing) -> None:
    before = failing.errors()
    failing.update({'f': 9.0}, where=failing.k == 1)
    failing.delete(failing.k == 3)
    assert failing.errors() == before
    failing.optimize()
    assert failing.errors() == before
    failing.delete(failing.k == 1)
    assert failing.errors() == [row for row in before if row['id'] != 2]


def test_attempts_are_counted(t) -> None:
    @pxt.udf(retry=pxt.Retry(attempts=3, first_wait=0.001))
    def f(k: int) -> int:
        raise ConnectionError('lost')

    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(x=f(t.k), on_error='ignore')
    assert t.errors('x')['attempts'] == [3] * 5


def test_only_computed_columns_have_errors(t) -> None:
    assert len(t.errors()) == 0
    with pytest.raises(pxt.RequestError, match="errors\\(\\): 'k' is no stored computed column"):
        t.errors('k')
    with pytest.raises(pxt.NotFoundError, match='no column'):
        t.errors('nothing')
