"""`workers='processes'`: what travels, what comes back, and processes that die."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode
from pixeltable.exec.usage.meter import QUERY, Meter


def test_calls_run_elsewhere(run) -> None:
    here = os.getpid()

    @pxt.udf(workers='processes')
    def f(x: int) -> int:
        return x if os.getpid() == here else -x

    assert run(f, [1, 2, 3]).values == [-1, -2, -3]


def test_errors_come_back_with_their_traceback(run) -> None:
    @pxt.udf(workers='processes')
    def f(x: int) -> float:
        return 1 / x

    result = run(f, [1, 0])
    assert result.values == [1.0, None]
    assert result.errors[1].errortype == 'ZeroDivisionError'
    assert 'return 1 / x' in result.errors[1].stack


def test_an_exception_that_cannot_travel(run) -> None:
    @pxt.udf(workers='processes')
    def f(x: int) -> int:
        from threading import Lock

        class Local(Exception):
            lock = Lock()

        raise Local('here only')

    error = run(f, [1]).errors[0]
    assert (error.errortype, error.errormsg) == ('Local', 'here only')


def test_the_row_that_kills_its_process_fails_alone(run) -> None:
    @pxt.udf(workers='processes')
    def f(x: int) -> int:
        if x == 5:
            os._exit(7)
        return x

    result = run(f, list(range(12)))
    assert [value for value in result.values if value is not None] == [x for x in range(12) if x != 5]
    assert list(result.errors) == [5]
    assert 'Terminated' in result.errors[5].errortype


@pytest.mark.parametrize('timeout', [None, 60])
def test_a_process_that_died_between_calls_costs_no_row(run, timeout) -> None:
    @pxt.udf(workers='processes', timeout=timeout)
    def f(x: int) -> int:
        return os.getpid()

    (pid,) = run(f, [1]).values
    os.kill(pid, signal.SIGKILL)
    again = run(f, [2])
    assert not again.errors
    assert again.values != [pid]


def test_a_system_exit_ends_no_process(run) -> None:
    @pxt.udf(workers='processes')
    def f(x: int) -> int:
        raise SystemExit(1)

    assert run(f, [1]).errors[0].errortype == 'SystemExit'


def test_what_cannot_be_copied_is_refused_in_words(run) -> None:
    lock = threading.Lock()

    @pxt.udf(workers='processes')
    def f(x: int) -> int:
        with lock:
            return x

    with pytest.raises(pxt.RequestError, match=r'f\(\) cannot run in another process') as caught:
        run(f, [1])
    assert caught.value.error_code is ErrorCode.UNSUPPORTED_OPERATION


def test_a_call_that_hangs_is_ended(run) -> None:
    @pxt.udf(workers='processes', timeout=1.5, retry=pxt.Retry(attempts=1))
    def f(x: int) -> int:
        if x == 1:
            time.sleep(60)
        return x

    started = time.monotonic()
    result = run(f, [1])
    assert time.monotonic() - started < 10
    assert 'took longer than 1.5 s' in result.errors[0].errormsg
    assert run(f, [2]).values == [2]


def test_a_time_limit_begins_when_the_call_does_and_ends_no_other(run) -> None:
    """Not when it begins to wait for a process, of which there are fewer than calls."""

    @pxt.udf(workers='processes', timeout=3, retry=pxt.Retry(attempts=1))
    def f(x: int) -> int:
        time.sleep(60 if x == 0 else 0.5)
        return x

    rows = list(range(1 + 10 * (os.cpu_count() or 1)))
    result = run(f, rows)
    assert result.values == [None, *rows[1:]]
    assert 'took longer than 3 s' in result.errors[0].errormsg


def test_batches(run) -> None:
    here = os.getpid()

    @pxt.udf(batch_size=2, workers='processes')
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        return [each * (1 if os.getpid() == here else 10) for each in x]

    assert run(f, [1, 2, 3]).values == [10, 20, 30]


def test_what_functions_report_there_is_counted_here(run, calls) -> None:
    written: list = []
    calls.operation.meter = Meter(write=written.append)

    @pxt.udf(workers='processes')
    def many(x: int) -> int:
        pxt.report_usage(input_tokens=x)
        return x

    @pxt.udf(workers='processes', timeout=60)
    def alone(x: int) -> int:
        pxt.report_usage(output_tokens=x)
        return x

    run(many, [1, 2, 3])
    run(alone, [4, 5])
    calls.operation.meter.close()
    counts = written[0]
    assert (counts[QUERY, 'many'].calls, counts[QUERY, 'many'].input_tokens) == (3, 6)
    assert (counts[QUERY, 'alone'].calls, counts[QUERY, 'alone'].output_tokens) == (2, 9)
