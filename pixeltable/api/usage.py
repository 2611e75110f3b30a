"""What functions may use, and what they did use: `pxt.budget` and `pxt.usage`."""

from __future__ import annotations

import datetime
from contextlib import AbstractContextManager
from typing import Any

from pixeltable.api.default import session
from pixeltable.api.paths import get_table
from pixeltable.api.recorded import usage_of
from pixeltable.api.results import ResultSet
from pixeltable.api.table import Table
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.usage.budget import Budget, within


def budget(
    *, calls: int | None = None, tokens: int | None = None, seconds: float | None = None, cost: float | None = None
) -> AbstractContextManager[Budget]:
    """Limits what the operations that start in a `with` block may use: `with pxt.budget(cost=5) as spent: ...`.

    An operation stops before a call that would pass a limit, by what calls of that function used so far on average; it changes
    nothing then, and raises. What functions with `cache=True` gave is in the ledger, so that the same statement goes on from
    there. Of blocks within each other, all count. `b.spent` says what was used.

    Args:
        calls: calls of Python functions; a batch is one call, a result from the ledger is none.
        tokens: of input and output, as functions report them with `pxt.report_usage`.
        seconds: in functions; calls at the same time count each for itself.
        cost: in US dollars, as functions report it; a cost that is not known counts as none.

    Raises:
        RequestError: MISSING_REQUIRED without a limit, INVALID_ARGUMENT for one that is no number from 0. Operations in the block
            raise BUDGET_EXCEEDED.
    """
    given = {'calls': calls, 'tokens': tokens, 'seconds': seconds, 'cost': cost}
    limits = {name: limit for name, limit in given.items() if limit is not None}
    if not limits:
        raise RequestError(ErrorCode.MISSING_REQUIRED, f'budget() needs a limit: {", ".join(given)}.')
    for name, limit in limits.items():
        if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not limit >= 0:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'budget({name}={limit!r}): a limit is a number, 0 or more.')
    return within(Budget(limits))


def usage(table: Any = None, since: datetime.date | str | None = None, by: str = 'column') -> ResultSet:
    """What calls of functions used: how many there were, results from the ledger, errors, seconds in functions, tokens, cost.

    The cost is in US dollars, and NULL if the price of a call is not known. Recorded are functions that report usage, have
    `cache=True`, or belong to a resource pool. It outlives the tables.

    Args:
        table: a table or its path; all tables if None.
        since: the first day, in UTC, as a date or as `'2026-01-31'`.
        by: what a row is for: a `'column'`, an `'operation'`, a `'day'`, or a `'function'`.

    Raises:
        RequestError: INVALID_ARGUMENT for a `since` that is no day. NotFoundError: PATH_NOT_FOUND.
    """
    if isinstance(table, str):
        table = get_table(table)
    if not isinstance(table, Table | None):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'usage(): table is a table, its path, or None, not {table!r:.80}.'
        )
    return usage_of(session(), None if table is None else table._table_id, since, by)
