"""Stops an operation whose function fails at every call in the same way: a million rows would teach nothing more."""

from __future__ import annotations

import threading

from pixeltable.errors import ErrorCode, UserError
from pixeltable.exec.limits.failures import Failure, FailureKind, classify
from pixeltable.exec.vectors import CellError
from pixeltable.udf.function import Function

CALLS = 50
"""So many first calls must all have failed."""


class Breaker:
    """Counts the first calls of each function of one operation. Any thread may use it."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()
        self._failures: dict[str, int] = {}
        self._kinds: dict[str, str] = {}

    def is_watching(self, function: Function) -> bool:
        """Whether it is still open if the function works."""
        return self._failures.get(function.key, 0) >= 0

    def worked(self, function: Function) -> None:
        """Notes that a call gave a result."""
        self._failures[function.key] = -1

    def failed(self, function: Function, error: CellError) -> None:
        """Notes a failure. Raises UserError GENERIC_USER_ERROR if it is one too many."""
        with self._lock:
            count = self._failures.get(function.key, 0)
            if count < 0:
                return
            same = self._kinds.setdefault(function.key, error.errortype) == error.errortype
            if not same or error.exception is None or not _is_of_all(classify(error.exception)):
                self._failures[function.key] = -1
                return
            self._failures[function.key] = count + 1
        if count + 1 >= CALLS:
            raise UserError(
                ErrorCode.GENERIC_USER_ERROR,
                f'{self._what} was stopped: the first {CALLS} calls of {function.name}() all failed with '
                f'{error.errortype}: {error.errormsg.rstrip(".")}. Nothing was changed. Correct the cause, or pass '
                "on_error='ignore' to store the rows with their errors.",
                detail=error.stack,
            ) from error.exception


def _is_of_all(failure: Failure) -> bool:
    """Whether no other row would fare better: the function is wrong, or nobody is let in, or there is no money."""
    if failure.kind is FailureKind.PERMANENT:
        return failure.status in (None, 401, 403, 429)
    return failure.kind is FailureKind.PROGRAMMING
