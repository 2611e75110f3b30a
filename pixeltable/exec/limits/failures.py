"""temporary"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    TRANSIENT = 'transient'
    RATE_LIMITED = 'rate limited'
    PERMANENT = 'permanent'
    PROGRAMMING = 'programming'


@dataclass(frozen=True)
class Failure:
    kind: Kind
    retry_after: float | None = None


class CallTimeoutError(TimeoutError):
    """A call took longer than its function allows."""


def classify(error: BaseException) -> Failure:
    if isinstance(error, CallTimeoutError):
        return Failure(Kind.PERMANENT)
    if isinstance(error, ConnectionError | TimeoutError):
        return Failure(Kind.TRANSIENT)
    return Failure(Kind.PROGRAMMING)


def may_pass(error: BaseException) -> bool:
    return classify(error).kind in (Kind.TRANSIENT, Kind.RATE_LIMITED)
