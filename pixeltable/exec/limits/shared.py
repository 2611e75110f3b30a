"""What a process tells the others on its catalog about a pool, and what it may do then: a pure step, done in one transaction."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from pixeltable.catalog.work.pools import Member, PoolRecord
from pixeltable.config.limits import PoolSettings
from pixeltable.exec.limits import adapting, pacing, sharing
from pixeltable.exec.limits.pacing import Permit, Rates
from pixeltable.udf.limit_headers import Learned

DEFAULT_CONCURRENCY = 128

HEADROOM = 0.96
"""Of a known limit, what is used: requests do not arrive as evenly as they are sent."""

FIRST_TOKENS = 1000.0
"""What a call is taken to use before any has told."""

_CLOCK_SET_BACK_S = 60.0
_MEASURED = 200


@dataclass(slots=True)
class News:
    """What a process has to tell since it last did.

    Attributes:
        generation: the one that it knows.
        wanted: the calls that it would make at once.
        under_way: those that it makes.
        tokens: of each call that wants a permit, what it is taken to use; None if that is not known.
        ahead: seconds for which permits are wanted.
        succeeded: when the calls that were answered began.
        refused: when those that were refused began, and how long the provider asked to wait.
        used: tokens of the calls that succeeded.
        excess: tokens that calls used beyond what was accounted for them.
        unused: permits that are given back.
        learned: the limits that the newest answer told.
        is_leaving: whether the process makes no more calls.
    """

    generation: int = 0
    wanted: int = 0
    under_way: int = 0
    tokens: Sequence[float | None] = ()
    ahead: float = 0.0
    succeeded: list[float] = field(default_factory=list)
    refused: list[tuple[float, float | None]] = field(default_factory=list)
    used: float = 0.0
    excess: float = 0.0
    unused: int = 0
    learned: Learned | None = None
    is_leaving: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """What a process may do.

    Attributes:
        share: calls at once.
        is_paced: whether each call needs a permit.
        permits: the permits that it got.
        is_alone: whether no other process uses the pool.
        is_searching: whether news should come soon, as the limits are being found.
    """

    generation: int = 0
    blocked_until: float = 0.0
    share: int = 0
    is_paced: bool = False
    permits: tuple[Permit, ...] = ()
    is_alone: bool = False
    is_searching: bool = False


def step(
    record: PoolRecord, members: Sequence[Member], me: Member, news: News, settings: PoolSettings, now: float
) -> tuple[PoolRecord, list[Member], Grant]:
    """The state of the pool and its members after `me` told its news, and what `me` may do."""
    record = _with_clock(record, now)
    record = _learned(record, news.learned, settings, now)
    record = _measured(record, news)
    if _is_widening(record, settings):
        record = adapting.widened(record, len(news.succeeded), now)
    record = adapting.succeeded(record, news.succeeded, now)
    ceiling = _ceiling(record, settings)
    record = adapting.grown(record, ceiling, record.requests_at > now - pacing.BURST_S / 2, now)
    if news.generation == record.generation:
        record = pacing.corrected(record, _rates(record, settings), news.excess, news.unused)
    for begun, asked in news.refused:
        record = adapting.refused(record, begun, asked, ceiling, now)

    rates = _rates(record, settings)
    is_paced = rates.are_limited or record.strikes > 1
    given: tuple[Permit, ...] = ()
    if is_paced and news.tokens:
        mean = record.mean_tokens if record.measured else FIRST_TOKENS
        wanted = [mean if tokens is None else tokens for tokens in news.tokens]
        record, given = pacing.permits(record, rates, wanted, now, news.ahead)
    members, share = _shared(members, me, news, _allowed(record, rates, settings), now)
    grant = Grant(
        generation=record.generation,
        blocked_until=record.blocked_until,
        share=share,
        is_paced=is_paced,
        permits=given,
        is_alone=len(members) == 1,
        is_searching=record.strikes > 0 or _is_widening(record, settings),
    )
    return dataclasses.replace(record, synced_at=now), members, grant


def _with_clock(record: PoolRecord, now: float) -> PoolRecord:
    """After the machine's clock was set back, nobody must wait until it is as late again as it was."""
    ahead = record.synced_at - now
    if ahead < _CLOCK_SET_BACK_S:
        return record
    return dataclasses.replace(
        record,
        requests_at=record.requests_at - ahead,
        tokens_at=record.tokens_at - ahead,
        blocked_until=record.blocked_until - ahead,
        cut_at=record.cut_at - ahead,
        counted_from=record.counted_from - ahead,
        widened_at=record.widened_at - ahead,
        history=(),
        synced_at=now,
    )


def _learned(record: PoolRecord, learned: Learned | None, settings: PoolSettings, now: float) -> PoolRecord:
    if learned is None:
        return record
    record = dataclasses.replace(
        record,
        learned_requests=learned.requests or record.learned_requests,
        learned_tokens=learned.tokens or record.learned_tokens,
    )
    if learned.used_up_for:
        until = now + min(learned.used_up_for, adapting.LONGEST_BLOCK_S)
        record = dataclasses.replace(record, blocked_until=max(record.blocked_until, until))
    return pacing.no_more_than(record, _rates(record, settings), learned.requests_left, learned.tokens_left, now)


def _measured(record: PoolRecord, news: News) -> PoolRecord:
    calls = len(news.succeeded)
    if not calls:
        return record
    measured = min(record.measured + calls, _MEASURED)
    weight = min(calls / measured, 1.0)
    mean = record.mean_tokens + weight * (news.used / calls - record.mean_tokens)
    return dataclasses.replace(record, mean_tokens=mean, measured=measured)


def _ceiling(record: PoolRecord, settings: PoolSettings) -> float:
    """The calls a minute that the limits allow, as far as they are known."""
    return HEADROOM * min(settings.requests_per_minute or math.inf, record.learned_requests or math.inf)


def _rates(record: PoolRecord, settings: PoolSettings) -> Rates:
    tokens = HEADROOM * min(settings.tokens_per_minute or math.inf, record.learned_tokens or math.inf)
    return Rates(min(record.rate or math.inf, _ceiling(record, settings)) / 60, tokens / 60)


def _allowed(record: PoolRecord, rates: Rates, settings: PoolSettings) -> int:
    """The calls at once of all processes together."""
    if settings.concurrency:
        return settings.concurrency
    if rates.are_limited:
        return DEFAULT_CONCURRENCY
    return min(record.window_size or adapting.FIRST_WINDOW, DEFAULT_CONCURRENCY)


def _is_widening(record: PoolRecord, settings: PoolSettings) -> bool:
    """Whether nothing limits the calls yet but their number at once, which is being found."""
    is_known = settings.concurrency is not None or _rates(record, settings).are_limited
    return not is_known and record.window_size < DEFAULT_CONCURRENCY


def _shared(members: Sequence[Member], me: Member, news: News, allowed: int, now: float) -> tuple[list[Member], int]:
    others = [member for member in sharing.present(members, now) if member.member != me.member]
    if news.is_leaving:
        return others, 0
    share = sharing.share(others, me.member, news.wanted, allowed, now)
    mine = dataclasses.replace(me, wanted=news.wanted, granted=max(share, news.under_way), seen_at=now)
    return [*others, mine], share
