"""Functions and methods of Int and Float expressions.

Where a function has no value, such as the square root of -1, it gives NULL, as division by zero does. Those have a SQL form
whose results are exact on every platform; the last digit of a logarithm depends on the C library.
"""

from __future__ import annotations

import builtins
import math

from pixeltable.udf.decorators import udf


@udf(is_method=True, sql='abs(CAST({self} AS DOUBLE))')
def abs(self: float) -> float:  # noqa: A001
    """The absolute value."""
    return builtins.abs(float(self))


@udf(is_method=True, sql='ceil(CAST({self} AS DOUBLE))')
def ceil(self: float) -> float:
    """The smallest whole number that is not below the value."""
    return math.copysign(math.ceil(self), self) if math.isfinite(self) else float(self)


@udf(is_method=True, sql='floor(CAST({self} AS DOUBLE))')
def floor(self: float) -> float:
    """The largest whole number that is not above the value."""
    return math.copysign(math.floor(self), self) if math.isfinite(self) else float(self)


@udf(is_method=True)
def round(self: float, digits: int | None = None) -> float:  # noqa: A001
    """The value to `digits` decimals, halves to the even neighbour, as Python does."""
    return float(builtins.round(float(self), digits or 0))


@udf(is_method=True)
def pow(self: float, other: float) -> float | None:  # noqa: A001
    """The value to the power of `other`; NULL if that is no real number, infinity if it is too large."""
    try:
        result = float(self) ** other
    except ZeroDivisionError:
        return None
    except OverflowError:
        return math.inf if self > 0 or other % 2 == 0 else -math.inf
    return None if isinstance(result, complex) else result


@udf(is_method=True, sql='CASE WHEN {self} >= 0 THEN sqrt(CAST({self} AS DOUBLE)) END')
def sqrt(self: float) -> float | None:
    """The square root; NULL below zero."""
    return math.sqrt(self) if self >= 0 else _unless_number(self)


@udf(is_method=True)
def exp(self: float) -> float:
    """e to the power of the value; infinity if that is too large."""
    try:
        return math.exp(self)
    except OverflowError:
        return math.inf


@udf(is_method=True)
def log(self: float) -> float | None:
    """The natural logarithm; NULL for zero and below."""
    return math.log(self) if self > 0 else _unless_number(self)


@udf(is_method=True)
def log10(self: float) -> float | None:
    """The logarithm to base 10; NULL for zero and below."""
    return math.log10(self) if self > 0 else _unless_number(self)


def _unless_number(value: float) -> float | None:
    """NaN stays NaN; a number outside of what a function takes has no result."""
    return value if math.isnan(value) else None


@udf(is_method=True, sql='{self} & {other}')
def bitwise_and(self: int, other: int) -> int:
    """The bits that are set in both."""
    return self & other


@udf(is_method=True, sql='{self} | {other}')
def bitwise_or(self: int, other: int) -> int:
    """The bits that are set in either."""
    return self | other


@udf(is_method=True, sql='xor({self}, {other})')
def bitwise_xor(self: int, other: int) -> int:
    """The bits that are set in exactly one."""
    return self ^ other


@udf(is_method=True)
def to_int(self: float) -> int:
    """The value without its decimals. NaN and infinity are errors."""
    return int(self)


@udf(is_method=True, sql='CAST({self} AS DOUBLE)')
def to_float(self: int) -> float:
    """The value as Float."""
    return float(self)
