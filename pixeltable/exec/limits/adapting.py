"""How fast a pool goes when its limits are not known, or turn out to be lower than they were said to be.

Until a provider refuses a call, the calls at once double with each round of successes. After a refusal the pool waits, and then
is held to a rate: four fifths of what went through before, which grows back quickly to just below that, and slowly beyond it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from pixeltable.catalog.work.pools import PoolRecord

FIRST_WINDOW = 4
ROUND = 12
"""Successes for each call at once before their number doubles. With fewer, more calls would be refused when the limit is met: all
those under way, out of the few that were made until then."""

CUT = 0.8
SAFE = 0.98
QUICKLY, SLOWLY = 0.02, 0.0025
"""Of the proven rate, the growth in each second below and above `SAFE` of it."""

EVIDENCE = 4
"""With fewer successes before a refusal than this, it is not known what would go through."""

LEAST = 1 / 16
"""Of a limit that is known, the part below which refusals do not bring the pool."""

IDLE_S = 60.0
"""What went through longer ago than this says little of what would now."""

LONGEST_BACKOFF_S = 60.0


def succeeded(record: PoolRecord, begun: Sequence[float], now: float) -> PoolRecord:
    """After calls that began at these times were answered."""
    after_the_block = sum(at >= record.blocked_until for at in begun)
    if record.strikes and after_the_block:
        return dataclasses.replace(record, strikes=0, counted=after_the_block, counted_from=record.blocked_until)
    counted, since = record.counted + len(begun), record.counted_from
    if now - record.synced_at > IDLE_S:
        counted, since = len(begun), now
    elif now - since > 2 * IDLE_S:
        counted, since = counted * IDLE_S / (now - since), now - IDLE_S
    return dataclasses.replace(record, counted=counted, counted_from=since)


def widened(record: PoolRecord, successes: int) -> PoolRecord:
    """While no limit is known: the calls at once after so many more were answered."""
    size, ramped = record.window_size or FIRST_WINDOW, record.ramped + successes
    while ramped >= ROUND * size and size < 1 << 20:
        size, ramped = size * 2, ramped - ROUND * size
    return dataclasses.replace(record, window_size=size, ramped=ramped)


def refused(record: PoolRecord, begun: float, asked: float | None, ceiling: float, now: float) -> PoolRecord:
    """After a call that began at `begun` was refused, and the provider asked to wait so long. `ceiling` is a minute's calls.

    Refusals of calls that began before the pool was last cut belong to that cut.
    """
    if begun < record.cut_at:
        until = max(record.blocked_until, now + (asked or 0.0))
        return dataclasses.replace(record, blocked_until=until)
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
        rate=CUT * proven,
        window_size=FIRST_WINDOW,
        ramped=0,
    )


def _proven(record: PoolRecord, wait: float, ceiling: float, now: float) -> float:
    """The calls a minute that went through; 0 if there were too few to tell.

    Few calls may also mean that few were wanted, and a refusal that a request came a moment early: where the limit is known, each
    refusal takes off a tenth of what was allowed at the most, and otherwise half.
    """
    seen = 60 * record.counted / (max(now - record.counted_from, 0.0) + wait + 1e-3)
    # While nothing has gone through since the last cut, what did before it still counts, over a longer time.
    allowed = (record.proven if record.strikes else record.rate) or ceiling
    if ceiling < math.inf:
        return min(max(seen, allowed * 0.9, ceiling * LEAST), allowed)
    if allowed < math.inf:
        return min(max(seen, allowed / 2), allowed)
    return seen if record.counted >= EVIDENCE else 0.0


def grown(record: PoolRecord, ceiling: float, is_saturated: bool, now: float) -> PoolRecord:
    """After some time without a refusal. A pool that could have been faster but was not asked to be has proven nothing."""
    if not record.rate or record.strikes or not is_saturated or now < record.blocked_until:
        return record
    passed = min(max(now - max(record.synced_at, record.blocked_until), 0.0), 1.0)
    growth = QUICKLY if record.rate < SAFE * record.proven else SLOWLY
    scale = record.proven if ceiling == math.inf else max(record.proven, ceiling / 2)
    rate = record.rate + growth * scale * passed
    return dataclasses.replace(record, rate=0.0 if rate >= ceiling else rate)
