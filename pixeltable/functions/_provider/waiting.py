"""Work that a provider does for minutes, and is asked about again and again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pixeltable.errors import ErrorCode, ExternalServiceError
from pixeltable.functions._provider.errors import unreadable

T = TypeVar('T')

SECONDS = 600.0
_FIRST_WAIT = 0.25
_LONGEST_WAIT = 5.0
_FAILED_LOOKS = 5
"""So many looks in a row may fail: to begin the work anew because of one would cost it twice."""


def place(provider: str, begun: Mapping[str, Any], key: str) -> str:
    """The id or the URL under `key` of the answer that begins the work. Raises PROVIDER_ERROR without one."""
    found = begun.get(key)
    if not isinstance(found, str):
        raise unreadable(provider, f'it does not say where the result will be, as it has no {key!r}')
    return found


async def finished(provider: str, look: Callable[[], Awaitable[T | None]]) -> T:
    """What `look` gives once the work is done; until then that is None.

    Raises:
        ExternalServiceError: what `look` raises where it is not to be tried again, or again and again; PROVIDER_TIMEOUT after
            ten minutes.
    """
    end = time.monotonic() + SECONDS
    wait, failed = _FIRST_WAIT, 0
    while time.monotonic() < end:
        try:
            found = await look()
            failed = 0
        except ExternalServiceError as error:
            failed += 1
            if failed == _FAILED_LOOKS or not error.is_retryable:
                raise
            wait, found = max(wait, error.retry_after or 0.0), None
        if found is not None:
            return found
        await asyncio.sleep(wait)
        wait = min(1.5 * wait, _LONGEST_WAIT)
    text = f'{provider} did not finish in {SECONDS:g} seconds.'
    raise ExternalServiceError(ErrorCode.PROVIDER_TIMEOUT, text).of(provider)


def failed(provider: str, reason: object) -> ExternalServiceError:
    """The error of work that ended without a result; it would end so again."""
    return ExternalServiceError(ErrorCode.PROVIDER_BAD_REQUEST, f'{provider} could not do it: {reason!s:.300}').of(
        provider
    )
