"""When the next calls are due: evenly spaced, so that a provider that looks at the last minute at any moment finds no excess.

This is the generic cell rate algorithm: for the calls, and for the tokens, the pool remembers when the next one is due, and each
permit moves that time on by what it costs. A permit is for a time, not for a call, so a process may take a few at once.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from pixeltable.catalog.work.pools import PoolRecord

BURST_S = 2.0
"""What a pool that was late may catch up with at once, in seconds of its rate."""

PROBE_S = 1.0
"""The distance of calls that only try whether a provider that has refused several in a row takes calls again."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Calls and tokens a second; infinite where there is no limit."""

    requests: float = math.inf
    tokens: float = math.inf

    @property
    def are_limited(self) -> bool:
        return min(self.requests, self.tokens) < math.inf


@dataclass(frozen=True, slots=True)
class Permit:
    """One call may be made, `at` this time or later, for which so many tokens are accounted."""

    at: float = 0.0
    tokens: float = 0.0


def permits(
    record: PoolRecord, rates: Rates, wanted: Sequence[float], now: float, ahead: float
) -> tuple[PoolRecord, tuple[Permit, ...]]:
    """Permits for calls of `wanted` tokens: at least one, and those that are due `ahead` seconds after it at the latest."""
    earliest = max(now - BURST_S, record.blocked_until)
    requests_at, tokens_at = max(record.requests_at, earliest), max(record.tokens_at, earliest)
    distance = 1 / rates.requests
    if record.strikes > 1:
        wanted, distance = wanted[:1], max(distance, PROBE_S)
    given: list[Permit] = []
    for tokens in wanted:
        at = max(requests_at, tokens_at)
        if given and at > max(given[0].at, now) + ahead:
            break
        given.append(Permit(at, tokens))
        requests_at = max(requests_at, at - BURST_S) + distance
        tokens_at = max(tokens_at, at - BURST_S) + tokens / rates.tokens
    return dataclasses.replace(record, requests_at=requests_at, tokens_at=tokens_at), tuple(given)


def corrected(record: PoolRecord, rates: Rates, tokens: float, unused: int) -> PoolRecord:
    """After calls used so many `tokens` more than were accounted, and `unused` permits were given back."""
    return dataclasses.replace(
        record,
        requests_at=record.requests_at - unused / rates.requests,
        tokens_at=record.tokens_at + tokens / rates.tokens,
    )


def no_more_than(
    record: PoolRecord, rates: Rates, requests_left: float | None, tokens_left: float | None, now: float
) -> PoolRecord:
    """After a provider said how much is left: what others used of it is not there for the pool."""
    requests_at, tokens_at = record.requests_at, record.tokens_at
    if requests_left is not None:
        requests_at = max(requests_at, now - requests_left / rates.requests)
    if tokens_left is not None:
        tokens_at = max(tokens_at, now - tokens_left / rates.tokens)
    return dataclasses.replace(record, requests_at=requests_at, tokens_at=tokens_at)
