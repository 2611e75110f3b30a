"""Optimistic commits: plan, compute, commit; if the world moved meanwhile, plan again on the new state."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from pixeltable.catalog.changes import RequirementFailed
from pixeltable.errors import ConcurrencyError, ErrorCode

Result = TypeVar('Result')

ATTEMPTS = 30


def until_committed(attempt: Callable[[], Result], what: str) -> Result:
    """The result of the first attempt whose requirements held. Raises SERIALIZATION_FAILURE after ATTEMPTS tries."""
    for number in range(ATTEMPTS):
        try:
            return attempt()
        except RequirementFailed:
            # Two writers that lost to each other must not meet again in step.
            time.sleep(random.uniform(0, min(0.2, 0.002 * 2**number)))
    raise ConcurrencyError(
        ErrorCode.SERIALIZATION_FAILURE,
        f'{what}: other writers changed the same rows or schema {ATTEMPTS} times in a row; try again.',
    )
