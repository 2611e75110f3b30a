from __future__ import annotations

import asyncio
import dataclasses
import threading
import types

import pytest

import pixeltable as pxt
from pixeltable.exec.usage import meter as metering
from pixeltable.exec.usage.budget import Budget, BudgetExceeded, Spent
from pixeltable.exec.usage.meter import QUERY, Counts, Meter, Owner
from pixeltable.udf.reporting import Report


@pxt.udf
def plain(x: int) -> int:
    return x


@pxt.udf
def other(x: int) -> int:
    return x


other.options = dataclasses.replace(other.options, cache=True)


@pytest.fixture
def written() -> list[Counts]:
    return []


def test_reports_and_errors_are_counted(written) -> None:
    meter = Meter(write=written.append)
    with meter.measured(plain, owner=Owner('a')):
        pxt.report_usage(input_tokens=3, output_tokens=4, cost=0.5)
    with pytest.raises(ValueError, match='no'), meter.measured(plain, owner=Owner('a')):
        raise ValueError('no')
    meter.close()
    used = written[0][Owner('a'), 'plain']
    assert (used.calls, used.errors, used.input_tokens, used.output_tokens, used.cost) == (2, 1, 3, 4, 0.5)
    assert used.seconds > 0


def test_what_costs_nothing_is_not_written(written) -> None:
    meter = Meter(write=written.append)
    meter.after(plain, 1_000_000, 1.0, Report())
    meter.close()
    assert written == []


def test_cached_functions_are_written_with_their_hits(written) -> None:
    meter = Meter(write=written.append)
    meter.hits(other, 7, Owner('a'))
    meter.close()
    meter.close()
    assert [(used[Owner('a'), 'other'].calls, used[Owner('a'), 'other'].hits) for used in written] == [(0, 7)]


def test_long_operations_write_now_and_then(written, monkeypatch) -> None:
    monkeypatch.setattr(metering, 'WRITE_SECONDS', 0.0)
    meter = Meter(write=written.append)
    for _ in range(3):
        meter.hits(other, 1)
    meter.close()
    assert sum(used[QUERY, 'other'].hits for used in written) == 3


def test_budgets_of_nested_blocks_both_count() -> None:
    outer, inner = Budget({'calls': 3}), Budget({'calls': 1})
    with Meter([outer, inner]).measured(plain):
        pass
    with pytest.raises(BudgetExceeded) as caught, Meter([outer, inner]).measured(plain):
        raise AssertionError
    assert caught.value.budget is inner
    with Meter([outer]).measured(plain):
        pass
    assert (outer.spent.calls, inner.spent.calls) == (2, 1)


def test_threads_wait_for_the_first_call() -> None:
    budget = Budget({'tokens': 10})
    meter, begun, go = Meter([budget]), threading.Event(), threading.Event()

    def first() -> None:
        with meter.measured(plain):
            begun.set()
            go.wait(5)
            pxt.report_usage(input_tokens=10)

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait(5)
    threading.Timer(0.05, go.set).start()
    with pytest.raises(BudgetExceeded), meter.measured(plain):  # it could not know before
        raise AssertionError
    thread.join()
    assert budget.spent.tokens == 10


def test_tasks_stop_before_the_limit() -> None:
    budget = Budget({'tokens': 100})

    async def call(meter: Meter) -> None:
        with await meter.measured(plain).reserved():
            await asyncio.sleep(0.001)
            pxt.report_usage(output_tokens=9)

    async def main() -> list[BaseException | None]:
        meter = Meter([budget])
        return await asyncio.gather(*(call(meter) for _ in range(50)), return_exceptions=True)

    outcomes = asyncio.run(main())
    assert sum(outcome is None for outcome in outcomes) == 11
    assert sum(isinstance(outcome, BudgetExceeded) for outcome in outcomes) == 39
    assert budget.spent.tokens == 99


def test_a_task_that_is_cancelled_while_it_waits_blocks_nobody() -> None:
    budget = Budget({'tokens': 100})

    async def main() -> None:
        meter = Meter([budget])
        with await meter.measured(plain).reserved():
            waiting = asyncio.ensure_future(meter.measured(plain).reserved())
            await asyncio.sleep(0)
            waiting.cancel()
            pxt.report_usage(input_tokens=1)
        with await meter.measured(plain).reserved():
            pass

    asyncio.run(main())
    assert budget.spent.calls == 2


def test_an_operation_within_a_call_does_not_wait_for_it() -> None:
    budget = Budget({'calls': 1})
    with Meter([budget]).measured(plain):
        inner = Meter([budget])
        with pytest.raises(BudgetExceeded), inner.measured(other):
            raise AssertionError


def test_seconds_are_those_in_functions(monkeypatch) -> None:
    now = [0.0]
    clock = types.SimpleNamespace(perf_counter=lambda: now[0], monotonic=lambda: now[0])
    monkeypatch.setattr(metering, 'time', clock)
    budget = Budget({'seconds': 5})
    meter = Meter([budget])
    with meter.measured(plain):
        now[0] += 3
    now[0] += 100
    with pytest.raises(BudgetExceeded), meter.measured(plain):
        raise AssertionError
    assert budget.spent == Spent(1, seconds=3.0)
