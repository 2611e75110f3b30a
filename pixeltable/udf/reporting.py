"""What a user function reports about the call that it is in: tokens, cost, and the headers of a provider's answer.

A function calls `pxt.report_usage`; who called the function gathers it with `collecting`. Between the two lies a context
variable, because the function's result is the cell's value and has no place for it. A thread starts without it: who calls a
function in a thread runs it in a copy of the context. Outside `collecting`, a report is dropped.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.limit_headers import lowered


@dataclass(slots=True)
class Report:
    """The sum of what was reported: tokens, cost in US dollars, and the headers of each answer, with names in lower case.

    The cost is None once one of the costs is not known.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0
    headers: list[dict[str, str]] = field(default_factory=list)


_open: ContextVar[tuple[Report, ...]] = ContextVar('pixeltable_reports', default=())
_adding = threading.Lock()


class collecting:  # noqa: N801  it is used as a function; a generator would cost a microsecond in each call of a user's function
    """Gathers what is reported inside the block. Of nested blocks, each gets all that is reported inside it."""

    __slots__ = ('_token',)

    def __enter__(self) -> Report:
        report = Report()
        self._token = _open.set((*_open.get(), report))
        return report

    def __exit__(self, *_: object) -> None:
        _open.reset(self._token)


def report_usage(
    *,
    input_tokens: int = 0,
    output_tokens: int = 0,
    cost: float | None = 0.0,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Tells what the call of a function used; called inside the function, once for each request that it makes.

    Args:
        input_tokens: tokens that were sent.
        output_tokens: tokens that came back.
        cost: US dollars; None if they are not known, which makes sums with them unknown too.
        headers: the headers of the provider's answer, from which limits are learned.

    Raises:
        RequestError: INVALID_ARGUMENT for a number that is negative or none at all.
    """
    for name, value, kind in (
        ('input_tokens', input_tokens, int),
        ('output_tokens', output_tokens, int),
        ('cost', 0.0 if cost is None else cost, (int, float)),
    ):
        _check(name, value, kind)
    taken = lowered(headers)
    with _adding:
        for report in _open.get():
            report.input_tokens += input_tokens
            report.output_tokens += output_tokens
            report.cost = plus(report.cost, cost)
            if taken:
                report.headers.append(taken)


def plus(cost: float | None, more: float | None) -> float | None:
    """The sum of two costs, of which each may not be known."""
    return None if cost is None or more is None else cost + more


def forward(report: Report) -> None:
    """Reports what a call in another process reported there."""
    with _adding:
        for each in _open.get():
            each.input_tokens += report.input_tokens
            each.output_tokens += report.output_tokens
            each.cost = plus(each.cost, report.cost)
            each.headers += report.headers


def _check(name: str, value: Any, kind: Any) -> None:
    if not isinstance(value, kind) or isinstance(value, bool) or not 0 <= value < math.inf:
        wanted = 'whole number' if kind is int else 'number'
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'report_usage(): {name} must be a {wanted} from 0, not {value!r}.'
        )
