"""The calls of one process that wait for their turn in a pool: one owner after the other, each owner's in their order."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from pixeltable.exec.limits.pacing import Permit


@dataclass(eq=False, slots=True)
class Waiter:
    """A call that waits.

    Attributes:
        owner: those of one owner share a place in the round, such as a table.
        tokens: what it will use; None if that is not known.
        patience: seconds beyond which waiting for a pool that is blocked makes no sense to it.
        turn: gets the permit when it may begin.
    """

    owner: str
    tokens: float | None
    patience: float
    turn: asyncio.Future[Permit]

    def end(self, error: BaseException) -> None:
        """It gets no turn, but this error."""
        if self.turn.done():
            return
        if isinstance(error, asyncio.CancelledError):
            self.turn.cancel()
        else:
            self.turn.set_exception(error)


class Queue:
    """Waiters, taken in rounds over their owners."""

    def __init__(self) -> None:
        # Ordered dicts, as the first entry of a plain one is found ever more slowly when those before it were deleted.
        self._owners: OrderedDict[str, OrderedDict[Waiter, None]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Waiter]:
        """The waiters in the order in which they would be taken."""
        rounds = [iter(waiters) for waiters in self._owners.values()]
        while rounds:
            left = []
            for waiters in rounds:
                waiter = next(waiters, None)
                if waiter is not None:
                    left.append(waiters)
                    yield waiter
            rounds = left

    def add(self, waiter: Waiter) -> None:
        self._owners.setdefault(waiter.owner, OrderedDict())[waiter] = None
        self._length += 1

    def remove(self, waiter: Waiter) -> None:
        """Does nothing if it is not there."""
        waiters = self._owners.get(waiter.owner)
        if waiters is None or waiter not in waiters:
            return
        del waiters[waiter]
        self._length -= 1
        if not waiters:
            del self._owners[waiter.owner]

    def has_next(self) -> bool:
        """Whether there is one to take. Those that were cancelled and have not gone yet are sent away."""
        while self._owners:
            waiter = self._first()
            if not waiter.turn.done():
                return True
            self.remove(waiter)
        return False

    def take(self) -> Waiter:
        """The next one, which is then no longer there. `has_next` must have said that there is one."""
        waiter = self._first()
        self.remove(waiter)
        if waiter.owner in self._owners:
            self._owners.move_to_end(waiter.owner)
        return waiter

    def _first(self) -> Waiter:
        return next(iter(next(iter(self._owners.values()))))
