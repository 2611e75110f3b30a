"""Aggregates and conversion: `from pixeltable.functions import sum, count, min, max, mean`."""

from __future__ import annotations

from typing import Any

from pixeltable.exprs import build
from pixeltable.exprs.expr import Expr, require_expression

__all__ = ['cast', 'count', 'max', 'mean', 'min', 'sum']


def _aggregate(function: str, value: Any) -> Expr:
    return Expr(build.aggregate(function, require_expression(value, f'{function}()')))


def sum(val: Expr) -> Expr:  # noqa: A001
    """The sum of the values that are not NULL, NULL if there are none. Raises TYPE_MISMATCH for what is no number."""
    return _aggregate('sum', val)


def count(val: Expr | None = None) -> Expr:
    """How many values are not NULL; without an argument, how many rows there are."""
    return Expr(build.aggregate('count', None)) if val is None else _aggregate('count', val)


def min(val: Expr) -> Expr:  # noqa: A001
    """The smallest value that is not NULL, NULL if there is none. Raises TYPE_MISMATCH for what has no order."""
    return _aggregate('min', val)


def max(val: Expr) -> Expr:  # noqa: A001
    """The largest value that is not NULL, NULL if there is none. Raises TYPE_MISMATCH for what has no order."""
    return _aggregate('max', val)


def mean(val: Expr) -> Expr:
    """The arithmetic mean of the values that are not NULL, NULL if there are none. Raises TYPE_MISMATCH for what is no number."""
    return _aggregate('mean', val)


def cast(expr: Expr, target_type: Any) -> Expr:
    """`expr` converted to `target_type`; the same as `expr.astype(target_type)`."""
    return Expr(require_expression(expr, 'cast()')).astype(target_type)
