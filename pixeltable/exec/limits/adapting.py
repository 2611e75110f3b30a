"""How fast a pool goes when its limits are not known, or turn out to be lower than they were said to be.

Until a provider refuses a call, the calls at once double with each round of successes. After a refusal the pool waits, and then
is held to a rate: four fifths of what went through before, which grows back quickly to just below that, and slowly beyond it.
What went through is counted over the last minute, as that is what most providers look at, or since the last refusal if that
is more.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from pixeltable.catalog.work.pools import PoolRecord

FIRST_WINDOW = 4
RAMP_S = 1.0
"""The calls at once double no faster: when the limit is met, those that begin before that is known are refused, too."""

CUT = 0.8
SAFE = 0.98
QUICKLY, SLOWLY = 0.05, 0.0025
"""Of the proven rate, the growth in each second below and above `SAFE` of it."""

EVIDENCE = 4
"""With fewer successes before a refusal than this, it is not known what would go through."""

LEAST = 1 / 16
"""Of a limit that is known, the part below which refusals do not bring the pool."""

KNOWN_AFTER_S = 0.5
"""Processes look for news several times as often as this."""

BUCKET_S = 2
MINUTE_S = 60.0
LONGEST_BACKOFF_S = 15.0


def succeeded(record: PoolRecord, begun: Sequence[float], now: float) -> PoolRecord:
    """After calls that began at these times were answered."""
    if not begun:
        return record
    history = {bucket: count for bucket, count in record.history if bucket > now - MINUTE_S - BUCKET_S}
    since, strikes = record.counted_from if history else min(begun), record.strikes
    if strikes and any(at >= record.blocked_until for at in begun):
        since, strikes = record.blocked_until, 0
    for at in begun:
        bucket = int(at) // BUCKET_S * BUCKET_S
        history[bucket] = history.get(bucket, 0) + 1
    record = dataclasses.replace(record, history=tuple(history.items()), counted_from=since, strikes=strikes)
    if (
        record.rate and min(begun) < record.cut_at
    ):  # it was under way when the pool was cut, and went through all the same
        before = _answered(record, record.cut_at - MINUTE_S) - _answered(record, record.cut_at)
        record = dataclasses.replace(record, proven=max(record.proven, before))
    return record


def widened(record: PoolRecord, successes: int, now: float) -> PoolRecord:
    """While no limit is known: the calls at once, after so many more were answered."""
    size, ramped = record.window_size or FIRST_WINDOW, record.ramped + successes
    if ramped < size or now < record.widened_at + RAMP_S:
        return dataclasses.replace(record, window_size=size, ramped=ramped)
    return dataclasses.replace(record, window_size=size * 2, ramped=0, widened_at=now)


def refused(record: PoolRecord, begun: float, asked: float | None, ceiling: float, now: float) -> PoolRecord:
    """After a call that began at `begun` was refused, and the provider asked to wait so long. `ceiling` is a minute's calls.

    Refusals of calls that began before all processes knew that the pool was cut belong to that cut.
    """
    if begun < max(record.cut_at + KNOWN_AFTER_S, record.blocked_until):
        return dataclasses.replace(record, blocked_until=max(record.blocked_until, now + (asked or 0.0)))
    backoff = min(2.0 ** (record.strikes - 1), LONGEST_BACKOFF_S) if record.strikes else 0.0
    wait = max(1.0 if asked is None else asked, backoff)
    until = max(record.blocked_until, now + wait)
    proven = _proven(record, wait, ceiling, now)
    return dataclasses.replace(
        record,
        generation=record.generation + 1,
        strikes=record.strikes + 1,
        cut_at=now,
        blocked_until=until,
        requests_at=until,
        tokens_at=until,
        proven=proven,
        rate=CUT * min(record.rate or math.inf, proven),
        window_size=FIRST_WINDOW,
        ramped=0,
    )


def _proven(record: PoolRecord, wait: float, ceiling: float, now: float) -> float:
    """The calls a minute that went through; 0 if there were too few to tell.

    Few calls may also mean that few were wanted, and a refusal that a request came a moment early: where the limit is known, each
    refusal takes off a tenth of what was allowed at the most, and otherwise half.
    """
    since = max(record.counted_from, now - MINUTE_S)
    last_minute = _answered(record, now - MINUTE_S)
    seen = max(last_minute, 60 * _answered(record, since) / (max(now - since, 0.0) + wait + 1e-3))
    if ceiling < math.inf:
        allowed = record.proven if record.rate else ceiling
        return min(max(seen, allowed * 0.9, ceiling * LEAST), allowed)
    if record.rate:
        return min(max(seen, record.proven / 2), max(record.rate, record.proven))
    return seen if last_minute >= EVIDENCE else 0.0


def _answered(record: PoolRecord, since: float) -> float:
    return sum(count for bucket, count in record.history if bucket > since - BUCKET_S / 2)


def grown(record: PoolRecord, ceiling: float, is_saturated: bool, now: float) -> PoolRecord:
    """After some time without a refusal. A pool that could have been faster but was not asked to be has proven nothing."""
    if not record.rate or record.strikes or not is_saturated or now < record.blocked_until:
        return record
    passed = min(max(now - max(record.synced_at, record.blocked_until), 0.0), 1.0)
    slowly = SLOWLY * max(
        (now - record.cut_at) / MINUTE_S, 1.0
    )  # the longer nothing is refused, the lower the rate may be
    growth = QUICKLY if record.rate < SAFE * record.proven else slowly
    scale = record.proven if ceiling == math.inf else max(record.proven, ceiling / 2)
    rate = record.rate + growth * scale * passed
    return dataclasses.replace(record, rate=0.0 if rate >= ceiling else rate)
