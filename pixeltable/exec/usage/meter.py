"""Counts what the calls of one operation use, and asks its budgets before each.

Without a budget, counting is all there is to do, and the calls of a batch are counted together. What is counted is written to the
work database, but only for functions that cost something: nobody asks how often a plain helper was called.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self

from pixeltable.exec.usage.budget import Budget, BudgetExceeded, Reservation, Spent
from pixeltable.udf.function import Function
from pixeltable.udf.reporting import Report, collecting, plus

WRITE_SECONDS = 5.0
"""A crash loses the count of so much time."""

_in_call: contextvars.ContextVar[bool] = contextvars.ContextVar('pixeltable_in_call', default=False)


@dataclass(slots=True)
class Used:
    """What calls of one function for one column used."""

    calls: int = 0
    hits: int = 0
    errors: int = 0
    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0
    is_of_interest: bool = False

    @property
    def is_any(self) -> bool:
        return bool(self.calls or self.hits)


class Owner(NamedTuple):
    """The column that calls are made for, none for a query's. Its table is that of the operation, unless it is told: an insert
    computes the columns of views too."""

    column: str = ''
    table_id: str = ''
    path: str = ''


QUERY = Owner()
Counts = dict[tuple[Owner, str], Used]
"""By column and function."""


class Meter:
    """The calls of one operation. Any thread may use it. `write` is given the counts since it was last called."""

    def __init__(self, budgets: Sequence[Budget] = (), write: Callable[[Counts], None] | None = None) -> None:
        self.budgets = tuple(budgets)
        # An operation within a call counts against the budgets of the one around it, which cannot end before it does.
        self.may_wait = not _in_call.get()
        self.functions: dict[str, Function] = {}
        self._write = write
        self._lock = threading.Lock()
        self._counts: Counts = {}
        self._thread: threading.Thread | None = None
        self._due = time.monotonic() + WRITE_SECONDS

    @property
    def is_limited(self) -> bool:
        """Whether each call must be `measured`."""
        return bool(self.budgets)

    def measured(self, function: Function, calls: int = 1, owner: Owner = QUERY) -> Measured:
        """To be entered round one attempt at one call. On the event loop, if this `is_limited`, await `reserved` before."""
        return Measured(self, function, calls, owner)

    def after(
        self, function: Function, calls: int, seconds: float, report: Report, *, errors: int = 0, owner: Owner = QUERY
    ) -> None:
        """Counts calls that were made, `errors` of which failed."""
        with self._lock:
            used = self._of(function, owner)
            used.calls += calls
            used.errors += errors
            used.seconds += seconds
            used.input_tokens += report.input_tokens
            used.output_tokens += report.output_tokens
            used.cost = plus(used.cost, report.cost)
            used.is_of_interest |= bool(report.input_tokens or report.output_tokens or report.cost != 0)
        self._write_now_and_then()

    def hits(self, function: Function, hits: int, owner: Owner = QUERY) -> None:
        """Counts calls that were not made, because their results were in the ledger."""
        with self._lock:
            self._of(function, owner).hits += hits
        self._write_now_and_then()

    def close(self) -> None:
        """Writes what was counted. To be called at the end of the operation."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        if self._counts:
            self._write_all()

    def _write_all(self) -> None:
        """Writes the counts of functions that cost something, and begins them anew."""
        with self._lock:
            counts = {key: used for key, used in self._counts.items() if used.is_of_interest and used.is_any}
            self._counts.update({key: Used(is_of_interest=True) for key in counts})
        if counts and self._write is not None:
            self._write(counts)

    def _of(self, function: Function, owner: Owner) -> Used:
        key = owner, function.name
        used = self._counts.get(key)
        if used is None:
            used = self._counts[key] = Used(is_of_interest=function.options.cache or function.has_pool)
            self.functions.setdefault(function.name, function)
        return used

    def _write_now_and_then(self) -> None:
        if self._write is None or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + WRITE_SECONDS
        if self._thread is None or not self._thread.is_alive():
            # Not here: this may be the event loop, and writing takes as long as the disk does.
            self._thread = threading.Thread(target=self._write_all, name='pixeltable-usage', daemon=True)
            self._thread.start()


class Measured:
    """One attempt at one call: reserved before, counted after."""

    __slots__ = (
        '_calls',
        '_collecting',
        '_ended',
        '_meter',
        '_owner',
        '_report',
        '_reserved',
        '_started',
        '_token',
        'function',
    )

    def __init__(self, meter: Meter, function: Function, calls: int, owner: Owner) -> None:
        self.function = function
        self._meter = meter
        self._calls = calls
        self._owner = owner
        self._reserved: list[tuple[Budget, Reservation]] = []
        self._started = 0.0
        self._ended: float | None = None

    async def reserved(self) -> Self:
        """Reserves, on the event loop, which `with` would block."""
        while (later := self._reserve()) is not None:
            await asyncio.wrap_future(later)
        return self

    def __enter__(self) -> Self:
        while not self._reserved and (later := self._reserve()) is not None:
            later.result()
        self._collecting = collecting()
        self._report = self._collecting.__enter__()
        self._token = _in_call.set(True)
        self._started = time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        seconds = self.seconds
        _in_call.reset(self._token)
        self._collecting.__exit__()
        report, meter = self._report, self._meter
        meter.after(
            self.function,
            self._calls,
            seconds,
            report,
            errors=0 if error is None else self._calls,
            owner=self._owner,
        )
        tokens = report.input_tokens + report.output_tokens
        self._settle(Spent(self._calls, tokens, seconds, report.cost or 0.0), has_worked=error is None)

    def begins(self) -> float:
        """To be called where the function begins, if that is later than this was entered. Returns by how many seconds."""
        before, self._started = self._started, time.perf_counter()
        return self._started - before

    def ends(self) -> None:
        """To be called where the function ends, if that is earlier than this is left."""
        self._ended = time.perf_counter()

    @property
    def seconds(self) -> float:
        """The time in the function, until now if it runs."""
        return (time.perf_counter() if self._ended is None else self._ended) - self._started

    def _reserve(self) -> Future[None] | None:
        """Reserves in all budgets, or in none, and gives what has to be waited for then."""
        for budget in self._meter.budgets:
            try:
                found = budget.reserve(self.function, self._calls, may_wait=self._meter.may_wait)
            except BudgetExceeded:
                self._settle(Spent(), has_worked=False)
                raise
            if not isinstance(found, Reservation):
                self._settle(Spent(), has_worked=False)
                return found
            self._reserved.append((budget, found))
        return None

    def _settle(self, used: Spent, *, has_worked: bool) -> None:
        for budget, reservation in self._reserved:
            budget.settle(reservation, used, has_worked=has_worked)
        self._reserved = []
