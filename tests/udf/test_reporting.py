from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

import pixeltable as pxt
from pixeltable.udf.reporting import Report, collecting


def test_reports_are_summed_up() -> None:
    with collecting() as report:
        pxt.report_usage(input_tokens=3, output_tokens=4, cost=0.25, headers={'X-RateLimit-Limit': '5'})
        pxt.report_usage(input_tokens=1)
    assert report == Report(4, 4, 0.25, [{'x-ratelimit-limit': '5'}])


def test_each_nested_block_gets_what_is_reported_inside_it() -> None:
    with collecting() as outer:
        pxt.report_usage(input_tokens=1)
        with collecting() as inner:
            pxt.report_usage(input_tokens=2)
    assert (outer.input_tokens, inner.input_tokens) == (3, 2)


def test_outside_a_block_a_report_is_dropped() -> None:
    with collecting() as report:
        pass
    pxt.report_usage(input_tokens=1)
    assert report == Report()


def test_concurrent_calls_do_not_see_each_other() -> None:
    async def attempt(tokens: int) -> int:
        with collecting() as report:
            await asyncio.sleep(0)
            pxt.report_usage(output_tokens=tokens)
        return report.output_tokens

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(attempt(tokens) for tokens in range(20)))

    assert asyncio.run(all_of_them()) == list(range(20))


def test_a_thread_in_a_copied_context_reports_to_its_caller() -> None:
    with collecting() as report:
        run = contextvars.copy_context().run
        thread = threading.Thread(target=run, args=(lambda: pxt.report_usage(cost=1),))
        thread.start()
        thread.join()
    assert report.cost == 1


@pytest.mark.parametrize('usage', [{'input_tokens': -1}, {'output_tokens': 1.5}, {'cost': float('nan')}, {'cost': '1'}])
def test_what_is_no_usage_is_refused(usage: dict) -> None:
    with pytest.raises(pxt.RequestError, match=f'{next(iter(usage))} must be a'):
        pxt.report_usage(**usage)
