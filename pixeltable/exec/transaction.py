"""Optimistic commits: plan, compute, commit; if the world moved meanwhile, plan again on the new state."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from pixeltable.catalog.changes import RequirementFailed
from pixeltable.errors import ConcurrencyError, ErrorCode, NotFoundError

Result = TypeVar('Result')

ATTEMPTS = 30


def until_committed(attempt: Callable[[], Result], what: str) -> Result:
    """The result of the first attempt whose requirements held. Raises SERIALIZATION_FAILURE after ATTEMPTS tries."""
    has_missed = False
    for number in range(ATTEMPTS):
        try:
            return attempt()
        except NotFoundError as error:
            # A purge deletes files at once; the next attempt finds those that took their places.
            if error.error_code is not ErrorCode.STORAGE_NOT_FOUND or has_missed:
                raise
            has_missed = True
        except RequirementFailed:
            # Two writers that lost to each other must not meet again in step.
            time.sleep(random.uniform(0, min(0.2, 0.002 * 2**number)))
    raise ConcurrencyError(
        ErrorCode.SERIALIZATION_FAILURE,
        f'{what}: other writers changed the same rows or schema {ATTEMPTS} times in a row; try again.',
    )
