"""Arithmetic as DuckDB text with the results of Python: `//` and `%` round down, division by zero is NULL.

Arguments are texts that give BIGINT or DOUBLE and hold together without parentheses. Where DuckDB raises (an integer beyond 64
bits), Python does too.
"""

from __future__ import annotations

MAX_REPEATED_BYTES = 2**28
"""The longest text that `text * n` may give, in both evaluations: a larger one is a mistake that would exhaust memory."""

_SYMBOLS = {'add': '+', 'sub': '-', 'mul': '*'}


def int_operation(op: str, args: list[str]) -> str | None:
    """`op` of BIGINTs."""
    match op, args:
        case ('add' | 'sub' | 'mul', [a, b]):
            return f'({a} {_SYMBOLS[op]} {b})'
        case ('floordiv', [a, b]):
            return _int_floordiv(a, b)
        case ('mod', [a, b]):
            return _int_mod(a, b)
        case ('neg', [a]):
            return f'(CAST(0 AS BIGINT) - {a})'  # `-` before a constant would make it a HUGEINT
        case ('abs', [a]):
            return f'abs({a})'
        case ('round', [a]):
            return a
    return None


def by_positive_constant(op: str, a: str, b: int, *, is_field: bool) -> str:
    """`a // b` or `a % b` of a BIGINT for a constant `b` from 1 to 2**62, where no case but a negative `a` needs care.

    `b` needs no cast, which DuckDB would have to fold: beside a BIGINT it is one. Nearly all of the time goes into dividing, so
    what is not negative is divided once; but for a test alone no more than a field should be computed.
    """
    rest = f'({a} % {b})'
    if op == 'mod':
        plain, general = rest, f'(({rest} + {b}) % {b})'
    else:
        plain = f'({a} // {b})'
        general = f'({plain} - CAST(CASE WHEN {rest} < 0 THEN 1 ELSE 0 END AS BIGINT))'
    return f'(CASE WHEN {a} >= 0 THEN {plain} ELSE {general} END)' if is_field else general


def float_operation(op: str, args: list[str]) -> str | None:
    """`op` of DOUBLEs."""
    match op, args:
        case ('add' | 'sub' | 'mul', [a, b]):
            return f'({a} {_SYMBOLS[op]} {b})'
        case ('div', [a, b]):
            return _divide(a, b)
        case ('floordiv', [a, b]):
            return _float_floordiv(a, b)
        case ('mod', [a, b]):
            return _float_mod(a, b)
        case ('pow', [a, b]):
            return _power(a, b)
        case ('neg', [a]):
            return f'(-{a})'
        case ('abs', [a]):
            return f'abs({a})'
        case ('round', [a]):
            return f'round_even({a}, 0)'
    return None


# Divisors of zero are made NULL rather than tested in a CASE: DuckDB computes constant branches even if no row takes them, and
# refuses to divide by zero.


def _divide(a: str, b: str) -> str:
    return f'({a} / nullif({b}, 0))'


def _int_floordiv(a: str, b: str) -> str:
    """DuckDB cuts towards zero, Python goes down."""
    divisor = f'nullif({b}, 0)'
    # Anything modulo -1 is 0, and DuckDB refuses the smallest integer there.
    down = f'CASE WHEN {a} % nullif({divisor}, -1) <> 0 AND ({a} < 0) <> ({b} < 0) THEN 1 ELSE 0 END'
    return f'(({a} // {divisor}) - CAST({down} AS BIGINT))'


def _int_mod(a: str, b: str) -> str:
    """The remainder takes the sign of the divisor."""
    rest = f'({a} % nullif(nullif({b}, 0), -1))'
    moved = f'WHEN {rest} <> 0 AND ({rest} < 0) <> ({b} < 0) THEN {rest} + {b} ELSE {rest}'
    return f'(CASE WHEN {b} = -1 THEN {a} - {a} {moved} END)'


def _float_mod(a: str, b: str) -> str:
    """As in CPython: of the sign of the divisor, a zero too."""
    rest = f'({a} % nullif({b}, 0))'
    moved = f'WHEN ({rest} < 0) <> ({b} < 0) THEN {rest} + {b} ELSE {rest}'
    return f'(CASE WHEN {rest} = 0 THEN {_signed_zero(b)} {moved} END)'


def _float_floordiv(a: str, b: str) -> str:
    """As in CPython: from the remainder, because flooring the rounded quotient can be one too high."""
    rest = f'({a} % nullif({b}, 0))'
    down = f'CASE WHEN {rest} <> 0 AND ({rest} < 0) <> ({b} < 0) THEN 1 ELSE 0 END'
    whole = f'((({a} - {rest}) / nullif({b}, 0)) - CAST({down} AS DOUBLE))'
    floored = f'floor({whole}) + CASE WHEN {whole} - floor({whole}) > 0.5 THEN 1 ELSE 0 END'
    zero = _signed_zero(f'({a} / nullif({b}, 0))')
    return f'(CASE WHEN {whole} = 0 THEN {zero} ELSE {floored} END)'


def _signed_zero(of: str) -> str:
    return f"CASE WHEN signbit({of}) THEN CAST('-0.0' AS DOUBLE) ELSE CAST('0.0' AS DOUBLE) END"


def _power(a: str, b: str) -> str:
    return f'(CASE WHEN {a} = 0 AND {b} < 0 THEN NULL ELSE pow({a}, {b}) END)'


def repeat(text: str, times: str) -> str:
    limit = f'{times} > 0 AND strlen({text}) > {MAX_REPEATED_BYTES} // nullif({times}, 0)'
    return f"(CASE WHEN {limit} THEN error('the repeated text is too long') ELSE repeat({text}, {times}) END)"


def sample_key(row_id: str, seed: str) -> str:
    """The upper 53 bits of half of the MD5 sum of row id and seed."""
    return f"CAST(md5_number_lower(CAST({row_id} AS VARCHAR) || ':' || CAST({seed} AS VARCHAR)) >> 11 AS BIGINT)"
