"""How often and how patiently a call that failed is made again."""

from __future__ import annotations

from dataclasses import dataclass

from pixeltable.errors import ErrorCode, RequestError


@dataclass(frozen=True, slots=True)
class Retry:
    """A policy for calls that fail for a passing reason: a lost connection, a time-out, an overloaded or limiting server.

    Errors that would come again, such as a ValueError or a refused key, are never retried.

    Args:
        attempts: how many calls are made in all.
        max_seconds: how long trying and waiting may take in all.
        first_wait: seconds before the second attempt; the wait doubles with each, with jitter.
        max_wait: the longest wait between two attempts, unless the server asks for more.

    Raises:
        RequestError: INVALID_ARGUMENT for a value that is not positive.
    """

    attempts: int = 5
    max_seconds: float = 600.0
    first_wait: float = 0.5
    max_wait: float = 60.0

    def __post_init__(self) -> None:
        for name in ('attempts', 'max_seconds', 'first_wait', 'max_wait'):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
                raise RequestError(ErrorCode.INVALID_ARGUMENT, f'Retry({name}={value!r}): it must be a number above 0.')
