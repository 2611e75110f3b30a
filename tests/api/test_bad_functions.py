"""Functions that do what functions should not: each shows what the user gets, and that the session works after it."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Iterator

import pytest

import pixeltable as pxt

EVIL = (SystemExit(3), KeyboardInterrupt(), GeneratorExit(), StopIteration('done'))


@pytest.fixture
def t(home) -> Iterator[pxt.Table]:
    t = pxt.create_table('t', {'x': pxt.Int})
    t.insert([{'x': x} for x in range(4)])
    yield t
    t.insert(x=4)
    assert t.count() == 5


def computed(t: pxt.Table, function) -> list[tuple]:
    """The value and the error of each cell of a column that calls the function."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', pxt.PixeltableWarning)
        t.add_computed_column(y=function(t.x))
    rows = t.order_by(t.x).select(y=t.y, error=t.y.errortype).collect()
    t.drop_column('y')
    return [(row['y'], row['error']) for row in rows]


def test_a_result_of_the_wrong_type(t) -> None:
    @pxt.udf
    def f(x: int) -> int:
        return 'text' if x == 1 else x

    assert computed(t, f) == [(0, None), (None, 'RequestError'), (2, None), (3, None)]


@pytest.mark.parametrize(
    'value', [object(), {1, 2}, {'a': threading.Lock()}, float('nan')], ids=['object', 'set', 'lock', 'nan']
)
def test_a_result_that_no_json_can_hold(t, value) -> None:
    held = [value]

    def make(x: int) -> pxt.Json:
        return held[0] if x == 1 else [x]

    name = f'hold_{type(value).__name__}'
    make.__name__ = make.__qualname__ = name
    if isinstance(value, dict):
        with pytest.raises(pxt.RequestError, match='cannot be stored'):
            computed(t, pxt.udf(make))
        return
    found = computed(t, pxt.udf(make))
    assert [y for y, _ in found][2:] == [[2], [3]]
    assert found[1][1] in ('RequestError', None)


def test_huge_values(t) -> None:
    @pxt.udf
    def f(x: int) -> str:
        return 'x' * (x * 5_000_000)

    t.add_computed_column(y=f(t.x))
    assert [len(y) for y in t.order_by(t.x).collect()['y']] == [0, 5_000_000, 10_000_000, 15_000_000]
    t.drop_column('y')


def test_numbers_out_of_range(t) -> None:
    @pxt.udf
    def f(x: int) -> int:
        return 10 ** (x * 10)

    assert [error for _, error in computed(t, f)] == [None, None, 'RequestError', 'RequestError']


@pytest.mark.parametrize('number', range(len(EVIL)))
def test_exceptions_that_are_no_errors(t, number) -> None:
    name = type(EVIL[number]).__name__

    @pxt.udf
    def f(x: int) -> int:
        if x == 2:
            raise {
                'SystemExit': SystemExit(3),
                'KeyboardInterrupt': KeyboardInterrupt(),
                'GeneratorExit': GeneratorExit(),
                'StopIteration': StopIteration('done'),
            }[name]
        return x

    assert computed(t, f) == [(0, None), (1, None), (None, name), (3, None)]


def test_one_that_hangs(t) -> None:
    @pxt.udf(timeout=0.2, retry=pxt.Retry(attempts=1))
    def f(x: int) -> int:
        if x == 1:
            time.sleep(5)
        return x

    assert computed(t, f) == [(0, None), (None, 'TimeoutError'), (2, None), (3, None)]


def test_one_that_forks(t) -> None:
    @pxt.udf
    def f(x: int) -> int:
        child = os.fork()
        if child == 0:
            os._exit(x)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DeprecationWarning)  # newer Pythons warn of forks beside threads
        assert computed(t, f) == [(x, None) for x in range(4)]


def test_one_that_changes_global_state(t, monkeypatch) -> None:
    monkeypatch.setenv('BAD_FUNCTION', 'before')
    folder = os.getcwd()

    @pxt.udf
    def f(x: int) -> int:
        os.environ['BAD_FUNCTION'] = str(x)
        os.chdir('/')
        return x

    try:
        assert computed(t, f) == [(x, None) for x in range(4)]
    finally:
        os.chdir(folder)


def test_one_that_prints(t, capfd) -> None:
    @pxt.udf
    def f(x: int) -> int:
        print('row', x)  # noqa: T201
        return x

    computed(t, f)
    assert capfd.readouterr().out.splitlines() == [f'row {x}' for x in range(4)]


def test_one_that_cannot_be_pickled(t) -> None:
    lock = threading.Lock()

    @pxt.udf
    def f(x: int) -> int:
        with lock:
            return x

    with pytest.raises(pxt.RequestError, match=r'f\(\) cannot be stored.*cannot be copied'):
        t.add_computed_column(y=f(t.x))
    assert t.columns() == ['x']
    assert t.select(y=f(t.x)).collect()['y'] == [0, 1, 2, 3]  # a query stores nothing


def test_one_that_leaks_memory_in_a_process_of_its_own(t) -> None:
    """What it keeps is kept in the worker, and not in the session."""

    @pxt.udf(workers='processes')
    def f(x: int) -> int:
        import builtins

        kept = builtins.__dict__.setdefault('_kept', [])
        kept.append(bytearray(20_000_000))
        return min(len(kept), 1)

    assert [y for y, _ in computed(t, f)] == [1, 1, 1, 1]
    assert not hasattr(__import__('builtins'), '_kept')


def test_one_that_kills_its_process(t) -> None:
    @pxt.udf(workers='processes')
    def f(x: int) -> int:
        if x == 2:
            os._exit(9)
        return x

    assert [y for y, _ in computed(t, f)] == [0, 1, None, 3]
