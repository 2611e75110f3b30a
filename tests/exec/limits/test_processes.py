"""Several processes call one provider at once, through a real client. What limits do in whole minutes is in `test_minutes`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from provider import Provider
from ready import Program

CALLER = Path(__file__).parent / 'caller.py'
FAULTS = {'error': 0.03, 'overloaded': 0.02, 'malformed': 0.02, 'dropped': 0.02, 'slow': 0.02, 'hang': 0.01}


def call(home, provider, texts, processes=4, **task):
    """What the provider says after so many processes had all texts completed. Every one of them must be right."""
    started = [
        Program(CALLER, json.dumps(task | {'home': str(home), 'url': provider.url, 'texts': part}))
        for part in (texts[number::processes] for number in range(processes))
    ]
    assert [process.stdout.readline() for process in started] == ['ready\n'] * processes
    for process in started:
        process.stdin.write('go\n')
        process.stdin.flush()
    outcomes = [json.loads(process.communicate()[0]) for process in started]
    assert [outcome['errors'] for outcome in outcomes] == [{}] * processes
    results = {text: result for outcome in outcomes for text, result in outcome['results'].items()}
    assert results == {text: text.upper() for text in texts}
    return provider.stats()


def texts(count):
    return [f'text {number}' for number in range(count)]


def used(stats, limit):
    """The part of what was allowed that was used, and the part of the requests that was refused."""
    refused = stats.get('refused', 0)
    accepted = stats['requests'] - refused
    return accepted / (limit * stats['seconds'] / 60), refused / stats['requests']


def test_every_result_is_right_whatever_goes_wrong(tmp_path) -> None:
    with Provider(requests=150, pace=15, latency=1.0, faults=FAULTS) as provider:
        pools = {'fake': {'requests_per_minute': 150}}
        stats = call(tmp_path, provider, texts(240), pools=pools, pace=15, timeout=1.5)
    rate, refused = used(stats, 150)
    assert refused < 0.03
    assert rate > 0.5  # a busy machine takes seconds of so short a minute; see below
    assert all(stats.get(fault) for fault in FAULTS)


def test_limits_of_calls_and_tokens_are_learned_by_all_processes(tmp_path) -> None:
    with Provider(requests=1000, tokens=15_000, pace=15, headers='anthropic', latency=0.5) as provider:
        stats = call(tmp_path, provider, texts(150), pace=15, tokens=100)
    rate, refused = used(stats, 150)
    assert refused < 0.05
    assert rate > 0.5


@pytest.mark.slow
def test_two_thousand_rows_in_real_minutes(tmp_path) -> None:
    with Provider(requests=500, latency=1.0, faults=FAULTS) as provider:
        stats = call(tmp_path, provider, texts(2000), pools={'fake': {'requests_per_minute': 500}}, timeout=10)
    rate, refused = used(stats, 500)
    assert refused < 0.03
    assert rate > 0.9


@pytest.mark.slow
def test_two_thousand_rows_with_limits_that_nobody_tells(tmp_path) -> None:
    with Provider(requests=500, pace=2, latency=1.0) as provider:
        stats = call(tmp_path, provider, texts(2000), pace=2)
    rate, refused = used(stats, 500)
    assert refused < 0.03
    assert rate > 0.9
