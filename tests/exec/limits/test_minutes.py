"""Whole minutes of a provider that counts its last minute at any moment, with several processes, in virtual time."""

from __future__ import annotations

import asyncio

import pytest
import virtual
from virtual import MemoryTable, VirtualProvider, call_all

from pixeltable.config.limits import PoolSettings

KNOWN = PoolSettings(requests_per_minute=500)


def run(provider, rows=2000, settings=None, processes=4, tokens=0.0, estimate=0):
    """All rows from so many processes at once; the table that they shared."""
    table = MemoryTable()
    pools = [virtual.pool(table, settings) for _ in range(processes)]
    virtual.run(call_all(pools, provider, rows, tokens, estimate))
    assert len(provider.accepted) == rows
    return table


def test_a_known_limit_is_used_and_not_met() -> None:
    provider = VirtualProvider(500)
    table = run(provider, settings=KNOWN)
    assert provider.a_minute > 0.95 * 500
    assert provider.refused == []
    assert table.changes < 1000  # not one transaction a call


def test_a_limit_is_learned_from_headers() -> None:
    provider = VirtualProvider(500, tells=True)
    run(provider, rows=1000)
    assert provider.a_minute > 0.95 * 500
    assert provider.refused == []


@pytest.mark.parametrize(('latency', 'processes'), [(1.0, 4), (0.05, 1)])
def test_a_limit_is_found(latency, processes) -> None:
    provider = VirtualProvider(500, latency=latency, delay=latency / 10)
    run(provider, processes=processes)
    assert provider.a_minute > 0.9 * 500
    assert provider.refusals < 0.015


def test_a_limit_is_found_though_refusals_do_not_say_when() -> None:
    provider = VirtualProvider(500, says_when=False)
    run(provider)
    assert provider.a_minute > 0.85 * 500
    assert provider.refusals < 0.02


def test_a_limit_that_is_lower_than_configured_is_found() -> None:
    provider = VirtualProvider(250)
    run(provider, rows=1000, settings=KNOWN)
    assert provider.a_minute > 0.9 * 250
    assert provider.refusals < 0.03


def test_tokens_are_limited_by_what_calls_report_not_by_what_was_expected() -> None:
    provider = VirtualProvider(1000, tokens=50_000)
    run(provider, rows=300, settings=PoolSettings(tokens_per_minute=50_000), tokens=500.0, estimate=100)
    assert provider.a_minute > 0.9 * 100
    assert provider.refusals < 0.03


def test_tokens_that_nobody_estimates_are_the_mean_of_what_was_reported() -> None:
    provider = VirtualProvider(1000, tokens=50_000)
    table = run(provider, rows=300, settings=PoolSettings(tokens_per_minute=50_000), tokens=250.0)
    assert provider.a_minute > 0.9 * 200
    assert provider.refusals < 0.03
    assert table.records['fake'].mean_tokens == pytest.approx(250, rel=0.01)


@pytest.mark.parametrize('allowed', [1, 3, 8])
def test_processes_together_have_no_more_calls_at_once_than_the_pool(allowed) -> None:
    provider = VirtualProvider(1e9)
    run(provider, rows=60 * allowed, settings=PoolSettings(concurrency=allowed))
    assert provider.most_under_way == allowed
    assert provider.a_minute > 0.85 * 60 * allowed


def test_calls_at_once_grow_while_nothing_is_refused() -> None:
    provider = VirtualProvider(1e9)
    run(provider, rows=2000)
    assert provider.most_under_way == 128
    assert provider.a_minute > 0.7 * 60 * 128


def test_configured_concurrency_is_used_at_once() -> None:
    provider = VirtualProvider(1e9, delay=0)
    run(provider, rows=200, settings=PoolSettings(concurrency=200), processes=1)
    assert provider.accepted[-1] == pytest.approx(provider.accepted[0], abs=0.01)


def test_after_a_refusal_no_process_calls_before_the_provider_said() -> None:
    provider = VirtualProvider(60)
    run(provider, rows=100)
    begun, refused = provider.accepted, provider.refused[0]
    late = [at - refused for at in begun if at > refused]
    assert min(late) > begun[0] + 60 - refused - 0.01


def test_a_process_that_comes_later_gets_its_part() -> None:
    """It need not wait until the first one has made all the calls that it has."""
    table, provider = MemoryTable(), VirtualProvider(500)
    ended: dict[int, float] = {}

    async def later(number: int, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await call_all([virtual.pool(table, KNOWN)], provider, 400 if number == 0 else 50)
        ended[number] = asyncio.get_running_loop().time()

    async def both() -> None:
        await asyncio.gather(later(0, 0), later(1, 10))

    virtual.run(both())
    assert ended[1] < 10 + 25 < ended[0]


def test_a_pool_is_left_when_nothing_calls_any_more() -> None:
    table = MemoryTable()

    async def some() -> None:
        await call_all([virtual.pool(table), virtual.pool(table)], VirtualProvider(500), 20)
        assert len(table.members['fake']) == 2
        await asyncio.sleep(2)

    virtual.run(some())
    assert table.members['fake'] == []
