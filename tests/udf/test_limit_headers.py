from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from pixeltable.udf.limit_headers import Learned, learned, reset_after, retry_after, seconds


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('1.5', 1.5), ('0', 0), ('1s', 1), ('120ms', 0.12), ('6m0s', 360), ('1h2m3.5s', 3723.5), ('1d', 86400),
        ('', None), ('soon', None), ('-1', None), ('nan', None), ('5 s', None),
    ],
)  # fmt: skip
def test_durations(text, expected) -> None:
    assert seconds(text) == (pytest.approx(expected) if expected is not None else None)


def test_times_are_counted_from_now() -> None:
    in_a_minute = time.time() + 60
    for text in (f'{in_a_minute:.0f}', datetime.fromtimestamp(in_a_minute, UTC).isoformat()):
        assert 58 < seconds(text) <= 61
    assert seconds('2001-01-01T00:00:00Z') == 0


def test_retry_after_in_seconds_milliseconds_or_as_a_date() -> None:
    assert retry_after({'retry-after': '20'}) == 20
    assert retry_after({'retry-after': '1', 'retry-after-ms': '350'}) == 0.35
    date = format_datetime(datetime.fromtimestamp(time.time() + 60, UTC), usegmt=True)
    assert 58 < retry_after({'retry-after': date}) <= 61
    for nothing in ({}, {'retry-after': 'later'}, {'retry-after': '-3'}):
        assert retry_after(nothing) is None


def test_the_reset_of_the_limit_that_is_used_up_counts() -> None:
    headers = {
        'x-ratelimit-remaining-requests': '9', 'x-ratelimit-reset-requests': '120ms',
        'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s',
    }  # fmt: skip
    assert reset_after(headers) == 360
    assert reset_after(headers | {'x-ratelimit-remaining-tokens': '5'}) == 0.12
    assert reset_after({}) is None


def test_limits_in_the_style_of_openai() -> None:
    headers = {
        'x-ratelimit-limit-requests': '500', 'x-ratelimit-remaining-requests': '499', 'x-ratelimit-reset-requests': '120ms',
        'x-ratelimit-limit-tokens': '30000', 'x-ratelimit-remaining-tokens': '29000', 'x-ratelimit-reset-tokens': '2s',
    }  # fmt: skip
    assert learned(headers) == Learned(500, 30000, 499, 29000)


def test_limits_in_the_style_of_anthropic() -> None:
    reset = datetime.fromtimestamp(time.time() + 5, UTC).isoformat()
    headers = {'anthropic-ratelimit-requests-limit': '50', 'anthropic-ratelimit-requests-remaining': '49'}
    headers |= {'anthropic-ratelimit-requests-reset': reset, 'anthropic-ratelimit-input-tokens-limit': '40000'}
    assert learned(headers) == Learned(50, 40000, 49, None)


def test_a_limit_of_a_day_only_counts_when_it_is_used_up() -> None:
    headers = {'x-ratelimit-limit-requests': '14400', 'x-ratelimit-reset-requests': '2m59.56s'}
    assert learned(headers | {'x-ratelimit-remaining-requests': '14370'}) == Learned()
    used_up = learned(headers | {'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '3h0m0s'})
    assert used_up == Learned(used_up_for=10800)


def test_other_headers_tell_nothing() -> None:
    assert learned({'content-type': 'text/plain', 'x-ratelimit-limit-requests': 'many'}) is None
