"""What functions of films and sound check of their arguments."""

from __future__ import annotations

from pixeltable.errors import ErrorCode, RequestError


def from_zero(name: str, value: float) -> float:
    """`value`. Raises INVALID_ARGUMENT if it is below 0."""
    if not value >= 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name} is from 0, not {value}.')
    return value


def positive(name: str, value: float) -> float:
    """`value`. Raises INVALID_ARGUMENT if it is not above 0."""
    if not value > 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name} is above 0, not {value}.')
    return value
