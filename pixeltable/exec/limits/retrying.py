"""Tries a call again if its failure may pass. Which failures do is in `failures`; the loop is tenacity's."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, wait_exponential, wait_random

from pixeltable.exec.limits.clock import Clock
from pixeltable.exec.limits.failures import classify, is_unreadable
from pixeltable.udf.retry import Retry

Attempt = Callable[[], Awaitable[Any]]
"""One try of a call, or of a call for a whole batch."""

_MADE = '__pixeltable_attempts__'


@dataclass(slots=True)
class Trying:
    """What a call that is being tried tells to, and learns from, the pool in which its attempts run.

    Attributes:
        policy: when it is tried again.
        queued: seconds for which its attempts have waited for their turn.
        is_remote: whether an attempt ran in a pool: then it asks a provider, and text that it cannot read is a broken answer.
    """

    policy: Retry
    queued: float = 0.0
    is_remote: bool = False


_trying: ContextVar[Trying | None] = ContextVar('pixeltable_trying', default=None)


def trying() -> Trying | None:
    """The call whose attempt this is; None outside of `with_retries`."""
    return _trying.get()


def attempts_made(error: BaseException) -> int:
    """How many attempts `with_retries` made before it raised `error`."""
    made: int = getattr(error, _MADE, 1)
    return made


async def with_retries(
    attempt: Attempt,
    policy: Retry,
    waited: Callable[[float], None] | None = None,
    clock: Clock = Clock(),  # noqa: B008  it is frozen
) -> Any:
    """The result of `attempt`, which is called again while its failures may pass and `policy` allows it.

    `waited` is told the seconds that passed after the first attempt, without those of others. Raises the last error, of which
    `attempts_made` says how many there were. A cancellation takes effect at once.
    """
    call = Trying(policy)
    token = _trying.set(call)
    try:
        began = clock.now()
        try:
            return await attempt()
        except Exception as error:
            if policy.attempts == 1 or not _may_pass(error, call):
                raise
            first = error
        return await _again(attempt, first, call, began, waited, clock)
    finally:
        _trying.reset(token)


async def _again(
    attempt: Attempt,
    first: Exception,
    call: Trying,
    began: float,
    waited: Callable[[float], None] | None,
    clock: Clock,
) -> Any:
    """Goes on after the first failure. Only what has failed pays for the set-up of the loop, which begins with that failure."""
    failed: list[Exception] = [first]
    first_ended, within = time.perf_counter(), 0.0
    policy = call.policy
    backoff = wait_exponential(multiplier=policy.first_wait) + wait_random(0, policy.first_wait)

    async def next_attempt() -> Any:
        nonlocal within
        if failed:
            raise failed.pop()
        begun = time.perf_counter()
        try:
            return await attempt()
        finally:
            within += time.perf_counter() - begun

    def wait(state: RetryCallState) -> float:
        asked = classify(_error(state)).retry_after
        return min(backoff(state), policy.max_wait) if asked is None else asked

    def is_over(state: RetryCallState) -> bool:
        spent = clock.now() - began - call.queued
        return state.attempt_number >= policy.attempts or spent + state.upcoming_sleep > policy.max_seconds

    def may_pass(state: RetryCallState) -> bool:
        if state.outcome is None or not state.outcome.failed:
            return False
        error = _error(state)
        if isinstance(error, Exception):
            error.__dict__[_MADE] = state.attempt_number  # an exception may be a frozen dataclass
        return _may_pass(error, call)

    retrying = AsyncRetrying(sleep=clock.sleep, retry=may_pass, wait=wait, stop=is_over, reraise=True)
    try:
        return await retrying(next_attempt)
    finally:
        if waited is not None:
            waited(time.perf_counter() - first_ended - within)


def _may_pass(error: BaseException, call: Trying) -> bool:
    return isinstance(error, Exception) and (classify(error).may_pass or (call.is_remote and is_unreadable(error)))


def _error(state: RetryCallState) -> BaseException:
    assert state.outcome is not None
    error = state.outcome.exception()
    assert error is not None
    return error
