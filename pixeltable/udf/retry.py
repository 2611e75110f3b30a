"""`pxt.Retry`: how often and how long a failed call of a function is tried again."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pixeltable.config.limits import RETRY_KEYS
from pixeltable.errors import ErrorCode, RequestError


@dataclass(frozen=True, slots=True)
class Retry:
    """When a failed call is tried again. Only failures that may pass are: time-outs, lost connections, a provider's rate limits
    and its errors 408, 409 and 5xx. What a provider asks for with `Retry-After` takes the place of the waits below.

    Attributes:
        attempts: calls in all; 1 tries nothing again.
        max_seconds: of waiting and trying in all. Waiting for one's turn in a resource pool does not count.
        first_wait: seconds before the second attempt; each further wait is twice as long, and all have some jitter.
        max_wait: seconds of the longest wait.

    Raises:
        RequestError: INVALID_ARGUMENT for a value that is none of these.
    """

    attempts: int = 5
    max_seconds: float = 600.0
    first_wait: float = 0.5
    max_wait: float = 60.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            try:
                if isinstance(value, str):
                    raise TypeError('text')
                RETRY_KEYS[field.name](value)
            except (TypeError, ValueError) as error:
                raise RequestError(
                    ErrorCode.INVALID_ARGUMENT, f'Retry(): {field.name} is {value!r}: {error}.'
                ) from error
