"""`pxt.ledger`: results of functions declared with `cache=True` are kept, so that no call is paid for twice. What is kept, and
removing it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from pixeltable._support.words import counted
from pixeltable.api.default import say, session
from pixeltable.api.render.grid import grid
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.function import Function

__all__ = ['FunctionStats', 'LedgerStats', 'clear', 'stats']


@dataclass(frozen=True, slots=True)
class FunctionStats:
    """What the ledger holds of one function, and was good for.

    Attributes:
        entries: results that are kept, of all states of the function's code.
        bytes: what they take.
        hits: calls that were saved since the session began.
        misses: calls that had to be made since the session began.
        all_hits, all_misses: the same since the ledger began, by all processes. Those of others may be a little late.
    """

    entries: int = 0
    bytes: int = 0
    hits: int = 0
    misses: int = 0
    all_hits: int = 0
    all_misses: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class LedgerStats:
    """The result of `stats`: prints as a table.

    Attributes:
        functions: by the full name of the function, such as `'my_module.my_function'`.
        limit: how many bytes the ledger may take.
    """

    functions: dict[str, FunctionStats]
    limit: int

    @property
    def total(self) -> FunctionStats:
        """The sums over all functions."""
        each = self.functions.values()
        return FunctionStats(*(sum(getattr(one, name) for one in each) for name in FunctionStats.__slots__))

    def __repr__(self) -> str:
        names = ['function', *FunctionStats.__slots__]
        rows = [[name, *(getattr(one, each) for each in names[1:])] for name, one in self.functions.items()]
        total = self.total
        lines = f'{total.entries:,} results in {total.bytes:,} of {self.limit:,} bytes'
        return f'{lines}\n{grid(names, rows)}' if rows else lines


def stats() -> LedgerStats:
    """What the ledger holds, and how many calls it has saved, by function.

    Raises:
        RequestError: INVALID_CONFIGURATION if the database of the ledger cannot be used.
    """
    current = session()
    functions = {
        name: FunctionStats(
            known.ever.entries,
            known.ever.bytes,
            known.session.hits,
            known.session.misses,
            known.ever.hits,
            known.ever.misses,
        )
        for name, known in current.ledger.upkeep.by_name().items()
    }
    return LedgerStats(functions, current.settings.ledger_bytes)


def clear(function: Function | str | None = None, older_than: datetime.timedelta | None = None) -> int:
    """Removes results from the ledger: the calls will be made again when they are needed. Tables keep what they have.

    Args:
        function: the function, or its name, `'my_function'` or `'my_module.my_function'`; all by default.
        older_than: only results that were made longer ago than this.

    Returns:
        How many there were.

    Raises:
        NotFoundError: FUNCTION_NOT_FOUND for a name of which no result was ever kept. RequestError: INVALID_ARGUMENT.
    """
    removed = session().ledger.upkeep.clear(_name(function), _seconds(older_than), isinstance(function, Function))
    say(f'Removed {counted(removed, "result")} from the ledger.')
    return removed


def _name(function: Any) -> str | None:
    if function is None or isinstance(function, str):
        return function
    if isinstance(function, Function):
        return f'{function.module}.{function.qualname}'
    raise RequestError(ErrorCode.INVALID_ARGUMENT, f'function is a function or the name of one, not {function!r}.')


def _seconds(age: Any) -> float:
    if age is None:
        return 0.0
    if not isinstance(age, datetime.timedelta) or age < datetime.timedelta():
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'older_than is a datetime.timedelta such as datetime.timedelta(days=7), not {age!r}.',
        )
    return age.total_seconds()
