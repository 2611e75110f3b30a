"""How many calls at once each process may have, so that all together have no more than the pool allows.

A process keeps what it was granted until it says that it has less under way: nobody gets more than the others have left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pixeltable.catalog.work.pools import Member

GONE_AFTER_S = 30.0
"""A process on another host that was not seen for so long has crashed: what it was granted is free."""

TURN_S = 5.0
"""Where there are fewer calls than processes, they take turns of this length."""


def present(members: Sequence[Member], now: float) -> list[Member]:
    """The members that are still there."""
    return [member for member in members if abs(now - member.seen_at) < GONE_AFTER_S]


def share(others: Sequence[Member], me: str, wanted: int, allowed: int, now: float) -> int:
    """The calls that process `me` may have under way, if the pool allows so many and the `others` do what they were granted."""
    everyone = {member.member: min(member.wanted, allowed) for member in others} | {me: min(wanted, allowed)}
    free = allowed - sum(member.granted for member in others)
    return max(min(fair(everyone, allowed, int(now / TURN_S))[me], free), 0)


def fair(wanted: Mapping[str, int], allowed: int, turn: int) -> dict[str, int]:
    """Equal shares for all who want so much; what is left over goes round by turns."""
    shares, left = dict.fromkeys(wanted, 0), allowed
    while left and (hungry := sorted(name for name in wanted if shares[name] < wanted[name])):
        portion = left // len(hungry)
        if portion == 0:
            first = turn % len(hungry)
            for name in (hungry[first:] + hungry[:first])[:left]:
                shares[name] += 1
            break
        for name in hungry:
            more = min(portion, wanted[name] - shares[name])
            shares[name] += more
            left -= more
    return shares
