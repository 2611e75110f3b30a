"""Budgets: a limit on calls, tokens, seconds or cost that the next call must not pass.

What a call will use is known for its number, and estimated for the rest as the mean of what calls of its function have used under
the budget. So the first call of a function goes ahead alone, and the others wait for what it teaches. A call that does not fit
waits too, until those under way are done: one of them may use less than was reserved for it, and none of them may be lost, as
they are paid for. Only then, with nothing under way, is the operation stopped.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from pixeltable._support.words import counted
from pixeltable.udf.function import Function

_active: contextvars.ContextVar[tuple[Budget, ...]] = contextvars.ContextVar('pixeltable_budgets', default=())


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls used.

    Attributes:
        calls: how often functions were called; a batch is one call.
        tokens: of input and output, as functions reported.
        seconds: in functions; calls that run at the same time count each for itself.
        cost: in US dollars, as functions reported.
    """

    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.calls + other.calls,
            self.tokens + other.tokens,
            self.seconds + other.seconds,
            self.cost + other.cost,
        )

    def __sub__(self, other: Spent) -> Spent:
        return self + Spent(-other.calls, -other.tokens, -other.seconds, -other.cost)

    def __repr__(self) -> str:
        shown = f'{counted(self.calls, "call")}, {counted(self.tokens, "token")}, {self.seconds:.3g} s'
        return f'{shown}, ${self.cost:.4g}' if self.cost else shown


class BudgetExceeded(BaseException):
    """The next call would pass a budget. No `Exception`: it is not the failure of a call, and trying again does not help."""

    def __init__(self, budget: Budget, function: Function) -> None:
        super().__init__(f'the next call of {function.name}() would pass {budget!r}')
        self.budget = budget
        self.function = function


@dataclass(slots=True)
class _Known:
    """What is known of a function's calls: how many, what they used together, and whether a first one is under way."""

    calls: int = 0
    used: Spent = field(default_factory=Spent)
    is_tried: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Reservation:
    """What a call under way may use."""

    function: Function
    estimate: Spent
    is_first: bool


class Budget:
    """Limits, and what has been used of them. Threads and operations share it."""

    def __init__(self, limits: dict[str, float]) -> None:
        """`limits` are some of the fields of `Spent` by name."""
        self.limits = limits
        self._lock = threading.Lock()
        self._spent = Spent()
        self._under_way: set[Reservation] = set()
        self._reserved = Spent()  # by those under way
        self._known: dict[str, _Known] = {}
        self._waiting: deque[Future[None]] = deque()

    @property
    def spent(self) -> Spent:
        """What was used until now."""
        return self._spent

    def reserve(self, function: Function, calls: int, *, may_wait: bool = True) -> Reservation | Future[None]:
        """A place for `calls` calls, or what ends when it is worth trying again. Raises BudgetExceeded if there is no room.

        Without `may_wait`, it is the place or the error.
        """
        with self._lock:
            known = self._known.setdefault(function.key, _Known())
            is_first = not known.calls and self._needs_estimate
            if is_first and known.is_tried and may_wait:
                return self._later()
            estimate = _times(known, calls)
            if not self._fits(self._spent + self._reserved + estimate):
                if self._under_way and may_wait:
                    return self._later()
                raise BudgetExceeded(self, function)
            known.is_tried |= is_first
            reservation = Reservation(function, estimate, is_first)
            self._under_way.add(reservation)
            self._reserved += estimate
            return reservation

    def settle(self, reservation: Reservation, used: Spent, *, has_worked: bool) -> None:
        """A call that had `reservation` is over. One that failed teaches nothing of what others will use, unless it used some."""
        with self._lock:
            self._under_way.discard(reservation)
            self._reserved = self._reserved - reservation.estimate if self._under_way else Spent()
            self._spent += used
            known = self._known[reservation.function.key]
            if has_worked or used.tokens or used.cost:
                known.calls += used.calls
                known.used += used
            known.is_tried &= not reservation.is_first
            some = len(self._waiting) if reservation.is_first or not self._under_way else min(1, len(self._waiting))
            awake = [self._waiting.popleft() for _ in range(some)]
        for each in awake:
            each.set_result(None)

    @property
    def _needs_estimate(self) -> bool:
        return any(name != 'calls' for name in self.limits)

    def _fits(self, total: Spent) -> bool:
        return all(getattr(total, name) <= limit for name, limit in self.limits.items())

    def _later(self) -> Future[None]:
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()  # who gives up waiting must not break it for who ends it
        self._waiting.append(future)
        return future

    def __repr__(self) -> str:
        shown = [_SHOWN[name](limit) for name, limit in self.limits.items()]
        return f'a budget of {" and ".join(shown)}'


_SHOWN: dict[str, Callable[[float], str]] = {
    'calls': lambda limit: counted(limit, 'call'),
    'tokens': lambda limit: counted(limit, 'token'),
    'seconds': lambda limit: f'{limit:g} s',
    'cost': lambda limit: f'${limit:g}',
}


def _times(known: _Known, calls: int) -> Spent:
    """What `calls` calls will use, by the mean of those before."""
    if not known.calls:
        return Spent(calls)
    part = calls / known.calls
    used = known.used
    return Spent(calls, round(used.tokens * part), used.seconds * part, used.cost * part)


@contextlib.contextmanager
def within(budget: Budget) -> Iterator[Budget]:
    """Operations that start inside the block count against `budget`, as well as against those around it."""
    token = _active.set((*_active.get(), budget))
    try:
        yield budget
    finally:
        _active.reset(token)


def active() -> tuple[Budget, ...]:
    """The budgets of an operation that starts now, the outermost first."""
    return _active.get()
