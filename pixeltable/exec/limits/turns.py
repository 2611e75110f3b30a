"""What one process may do in a pool right now, between two talks with the other processes: the local side of a grant."""

from __future__ import annotations

from collections import deque

from pixeltable.exec.limits.pacing import BURST_S, Permit
from pixeltable.exec.limits.shared import Grant, News

SYNC_S = 1.0
"""While calls wait, a process that has news or may make no more calls talks with the others this often."""

SEARCHING_S = 0.25
"""The same while limits are being found, and for a process that has no share yet."""

HEARTBEAT_S = 2.0
"""The same for all others that make or want calls: how it is known that they are there."""

LOOK_S = 0.05
"""Other processes may have met a limit: how old the knowledge of that may be. Looking costs no write."""

_FREE = Permit()


class Turns:
    """The calls that may begin.

    Attributes:
        under_way: the calls that have begun and not ended.
        news: what is to be told next.
        asked: the calls at once that were last asked for.
        grant: what was last granted.
        permits: those that are not used yet, by their times.
        is_member: whether the others know that calls are made here.
    """

    def __init__(self) -> None:
        self.under_way = 0
        self.news = News()
        self.asked = 0
        self.grant = Grant()
        self.permits: deque[Permit] = deque()
        self.is_member = False
        self._few = 0
        self._granted = 0
        self._told_at = -1e18
        self._fresh_until = -1e18
        self._blocked_until = 0.0

    def next_permit(self, now: float) -> Permit | None:
        """A permit that may be used now, or None."""
        if self.is_full or now < self.blocked_until or now > self._fresh_until:
            return None
        if not self.grant.is_paced:
            return _FREE
        while self.permits and self.permits[0].at < now - 2 * BURST_S:
            self.give_back(self.permits.popleft())  # used now, those that were missed would come in a burst
        return self.permits.popleft() if self.permits and self.permits[0].at <= now else None

    def give_back(self, permit: Permit) -> None:
        """Tells that a permit was not used."""
        if permit is not _FREE:
            self.news.unused += 1
            self.news.excess -= permit.tokens

    @property
    def is_full(self) -> bool:
        """True if no further call may begin before one ends."""
        return self.under_way >= self.grant.share

    @property
    def blocked_until(self) -> float:
        return max(self._blocked_until, self.grant.blocked_until)

    def is_due(self, now: float, waiting: int) -> bool:
        """Whether the other processes should be talked to now."""
        if now >= self.told_until(now, waiting) or self.under_way <= self.grant.share < self._granted:
            return True
        if self.is_full:  # a larger share may be had if what was asked for was given
            return self.grant.share >= self.asked and self.under_way + waiting > self.asked
        if self.grant.is_alone and now > self._fresh_until:
            return True
        return self.permits_missing(waiting) > 0

    def permits_missing(self, waiting: int) -> int:
        """How many more permits could be used. None are taken while enough are left: they keep others from calling earlier."""
        if not self.grant.is_paced or len(self.permits) > self._few:
            return 0
        return min(waiting - len(self.permits), self.grant.share - self.under_way)

    def told_until(self, now: float, waiting: int) -> float:
        """When the other processes are to be talked to, if nothing happens until then."""
        pause = HEARTBEAT_S
        if waiting and now >= self.blocked_until:
            if self.grant.is_searching or not self.grant.share:
                pause = SEARCHING_S
            elif self.news.succeeded or self.is_full:
                pause = SYNC_S
        return self._told_at + pause

    def must_look(self, now: float) -> bool:
        """Whether it must be seen first if another process has met a limit."""
        return now > self._fresh_until and not self.is_full and now >= self.blocked_until

    def looked(self, generation: int, blocked_until: float, now: float) -> None:
        """After looking: whatever was granted in an earlier generation is void."""
        self._blocked_until = max(self._blocked_until, blocked_until)
        if generation != self.grant.generation:
            self.hurry()
        else:
            self._fresh_until = now + LOOK_S

    def told(self, grant: Grant, news: News, now: float) -> None:
        """After talking with the others, who heard `news`."""
        if grant.generation != self.grant.generation or not grant.is_paced:
            self.permits.clear()
        self.is_member = not news.is_leaving
        self.grant, self.asked, self._granted = grant, news.wanted, max(grant.share, news.under_way)
        self.permits.extend(grant.permits)
        if grant.permits:
            self._few = len(grant.permits) // 2
        if self.news.refused:  # meanwhile: nothing begins before that was told, too
            return
        self._blocked_until = 0.0
        self._told_at = now
        self._fresh_until = now + (2 * SYNC_S if grant.is_alone else LOOK_S)

    def block(self, until: float) -> None:
        """After a refusal: nothing begins before `until`, nor before the others were told."""
        self._blocked_until = max(self._blocked_until, until)
        self.hurry()

    def found(self) -> None:
        """After a success: while limits are being found, what it tells is news for the others."""
        if self.grant.is_searching and (self.news.learned or self.grant.is_paced):
            self.hurry()

    @property
    def is_in_a_hurry(self) -> bool:
        return self._told_at < 0

    def hurry(self) -> None:
        """The others are to be talked to at once, and nothing begins before that."""
        self._told_at = self._fresh_until = -1e18
