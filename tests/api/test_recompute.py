from __future__ import annotations

import pytest

import pixeltable as pxt


@pytest.fixture
def logged(calls, t) -> pxt.Table:
    """`t` with `x = f(k)`, which fails on 2 while the file `broken` exists, and `y = g(x)`."""
    path, broken = calls.path, calls.path + '-broken'
    open(broken, 'w').close()

    @pxt.udf
    def f(k: int) -> int:
        import os

        with open(path, 'a') as log:
            log.write(f'f {k}\n')
        if k == 2 and os.path.exists(broken):
            raise ValueError('broken')
        return k * 10

    @pxt.udf
    def g(x: int) -> int:
        with open(path, 'a') as log:
            log.write(f'g {x}\n')
        return x + 1

    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(x=f(t.k))
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(y=g(t.x))
    calls.take()
    import os

    os.remove(broken)
    return t


def test_errors_only(logged, calls) -> None:
    status = logged.recompute_columns('x', errors_only=True)
    assert calls.take() == ['f 2', 'g 20']
    assert (status.num_rows, status.num_computed_values, status.num_excs) == (1, 2, 0)
    assert logged.select(logged.x, logged.y).collect()[2] == {'x': 20, 'y': 21}
    assert logged.where(logged.x.errortype != None).count() == 0  # noqa: E711
    assert logged.recompute_columns('x', errors_only=True).num_rows == 0


def test_all_rows(logged, calls) -> None:
    logged.recompute_columns(logged.x)
    assert calls.take() == ['f 0', 'f 1', 'f 2', 'f 3', 'f 4', 'g 0', 'g 10', 'g 20', 'g 30', 'g 40']


def test_where(logged, calls) -> None:
    logged.recompute_columns('x', where=logged.k >= 3)
    assert calls.take() == ['f 3', 'f 4', 'g 30', 'g 40']
    logged.where(logged.k == 0).recompute_columns('y')
    assert calls.take() == ['g 0']
    assert logged.select(logged.x).collect()['x'] == [0, 10, None, 30, 40]


def test_without_cascade(logged, calls) -> None:
    logged.recompute_columns('x', cascade=False)
    assert calls.take() == ['f 0', 'f 1', 'f 2', 'f 3', 'f 4']
    assert logged.select(logged.y).collect()['y'] == [1, 11, None, 31, 41]


def test_from_the_column(logged, calls) -> None:
    logged.x.recompute(errors_only=True, cascade=False)
    assert calls.take() == ['f 2']


def test_rows_spread_over_segments(logged) -> None:
    logged.delete(logged.k == 1)
    logged.insert({'k': k, 's': 'x'} for k in range(10, 13))
    logged.recompute_columns('x', where=(logged.k == 2) | (logged.k == 11))
    assert logged.select(logged.x).collect()['x'] == [0, 20, 30, 40, 100, 110, 120]
    logged.recompute_columns('x', 'y')
    assert logged.select(logged.y).collect()['y'] == [1, 21, 31, 41, 101, 111, 121]
