"""Plain functions in threads: what they may do, and what becomes of it."""

from __future__ import annotations

import threading
import time

import pytest

import pixeltable as pxt
from pixeltable.exec.calls.breaker import Breaker


def test_functions_that_wait_wait_together(run) -> None:
    running, most, lock = 0, 0, threading.Lock()

    @pxt.udf
    def wait(x: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return x

    assert run(wait, list(range(100))).values == list(range(100))
    assert most > 8


def test_functions_that_compute_do_not_share_the_interpreter(run) -> None:
    threads = set()

    @pxt.udf
    def compute(x: int) -> int:
        threads.add(threading.current_thread().name)
        return sum(range(x))

    run(compute, [20_000] * 200)
    assert len(threads) == 1


@pytest.mark.parametrize('error', [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), StopIteration(5)])
@pytest.mark.parametrize('is_async', [False, True])
def test_whatever_is_raised_is_an_error_of_the_cell(run, error, is_async) -> None:
    @pxt.udf
    def f(x: int) -> int:
        if x == 2:
            raise error
        return x

    @pxt.udf
    async def g(x: int) -> int:
        if x == 2:
            raise error
        return x

    result = run(g if is_async else f, [1, 2, 3])
    assert result.values == [1, None, 3]
    assert list(result.errors) == [1]


def test_an_error_that_may_pass_is_tried_again(run) -> None:
    left = [2]

    @pxt.udf(retry=pxt.Retry(attempts=3, first_wait=0.01))
    def f(x: int) -> int:
        if x == 1 and left[0]:
            left[0] -= 1
            raise ConnectionError('lost')
        return x

    result = run(f, [0, 1, 2])
    assert (result.values, result.errors) == ([0, 1, 2], {})


def test_what_fails_each_time_is_an_error_in_the_end(run) -> None:
    made = []

    @pxt.udf(retry=pxt.Retry(attempts=3, first_wait=0.01))
    def f(x: int) -> int:
        made.append(x)
        raise TimeoutError('slow')

    assert run(f, [1]).errors[0].errortype == 'TimeoutError'
    assert made == [1, 1, 1]


def test_fifty_equal_failures_stop_the_operation(calls, run) -> None:
    calls.breaker = Breaker('the insert')
    made = []

    @pxt.udf
    def f(x: int) -> int:
        made.append(x)
        return x.missing

    with pytest.raises(pxt.UserError, match=r'first 50 calls of f\(\) all failed with AttributeError'):
        run(f, list(range(10_000)))
    assert len(made) < 200


@pytest.mark.parametrize(('status', 'stops'), [(401, True), (403, True), (400, False), (404, False), (422, False)])
def test_a_provider_that_lets_nobody_in_stops_it_too(calls, run, status, stops) -> None:
    calls.breaker = Breaker('the insert')

    class Refused(Exception):
        status_code = status

    @pxt.udf
    def f(x: int) -> int:
        raise Refused('no')

    if stops:
        with pytest.raises(pxt.UserError, match='first 50 calls'):
            run(f, list(range(500)))
    else:
        assert len(run(f, list(range(500))).errors) == 500


@pytest.mark.parametrize('good', [0, 30, 49])
def test_one_call_that_works_keeps_it_going(calls, run, good) -> None:
    calls.breaker = Breaker('the insert')

    @pxt.udf
    def f(x: int) -> float:
        return 1 / (x == good)

    assert len(run(f, list(range(300))).errors) == 299


def test_different_failures_keep_it_going(calls, run) -> None:
    calls.breaker = Breaker('the insert')

    @pxt.udf
    def f(x: int) -> int:
        raise (ValueError if x % 2 else KeyError)(x)

    assert len(run(f, list(range(100))).errors) == 100


def test_a_call_that_takes_too_long_is_an_error(run) -> None:
    release = threading.Event()

    @pxt.udf(timeout=0.1, retry=pxt.Retry(attempts=1))
    def hang(x: int) -> int:
        if x == 1:
            release.wait(20)
        return x

    result = run(hang, [0, 1, 2])
    release.set()
    assert result.values == [0, None, 2]
    assert result.errors[1].errormsg == 'hang took longer than 0.1 s'


def test_many_calls_that_hang_leave_threads_for_others(run) -> None:
    release = threading.Event()

    @pxt.udf(timeout=0.05, retry=pxt.Retry(attempts=1))
    def hang(x: int) -> int:
        release.wait(20)
        return x

    @pxt.udf
    def work(x: int) -> int:
        return x

    assert len(run(hang, list(range(150))).errors) == 150
    assert run(work, [1, 2]).values == [1, 2]
    release.set()
