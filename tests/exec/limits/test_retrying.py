from __future__ import annotations

import asyncio
import time

import pytest

from pixeltable.exec.limits.clock import Clock
from pixeltable.exec.limits.retrying import attempts_made, trying, with_retries
from pixeltable.udf.retry import Retry


class SlowDown(Exception):
    def __init__(self, **headers) -> None:
        self.status_code = 429
        self.headers = {name.replace('_', '-'): value for name, value in headers.items()}


class RecordingClock(Clock):
    """Sleeps at once, and knows for how long."""

    def __init__(self) -> None:
        super().__init__()
        object.__setattr__(self, 'slept', [])

    def now(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


DEFAULT = Retry()


def run(outcomes, policy=DEFAULT, clock=None):
    """The result of a call whose attempts end with `outcomes`, one after the other."""
    left = list(outcomes)

    async def attempt():
        outcome = left.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return asyncio.run(with_retries(attempt, policy, clock=clock or RecordingClock()))


def test_a_failure_that_passes_is_not_seen() -> None:
    assert run([ConnectionError(), TimeoutError(), SlowDown(), 'result']) == 'result'


def test_the_last_error_is_raised_and_says_how_many_attempts_were_made() -> None:
    with pytest.raises(ConnectionError, match='third') as caught:
        run([ConnectionError('first'), ConnectionError('second'), ConnectionError('third')], Retry(attempts=3))
    assert attempts_made(caught.value) == 3


def test_a_failure_that_stays_ends_it() -> None:
    with pytest.raises(ValueError, match='wrong') as caught:
        run([ConnectionError(), ValueError('wrong')])
    assert attempts_made(caught.value) == 2
    with pytest.raises(TypeError) as caught:
        run([TypeError()])
    assert attempts_made(caught.value) == 1


def test_one_attempt_is_not_repeated() -> None:
    with pytest.raises(ConnectionError):
        run([ConnectionError()], Retry(attempts=1))


def test_waits_double_with_jitter_up_to_the_longest() -> None:
    clock = RecordingClock()
    run([ConnectionError()] * 5 + ['result'], Retry(attempts=6, first_wait=1, max_wait=6), clock)
    for slept, least in zip(clock.slept, [1, 2, 4, 6, 6], strict=True):
        assert least <= slept <= min(least + 1, 6)


def test_what_a_provider_asks_for_is_waited_exactly() -> None:
    clock = RecordingClock()
    run([SlowDown(retry_after='7'), SlowDown(retry_after_ms='1500'), 'result'], clock=clock)
    assert clock.slept == [7, 1.5]


def test_a_wait_that_would_end_too_late_is_not_begun() -> None:
    clock = RecordingClock()
    with pytest.raises(SlowDown) as caught:
        run([SlowDown(retry_after='40')] * 3, Retry(max_seconds=60), clock)
    assert (clock.slept, attempts_made(caught.value)) == ([40], 2)


def test_waiting_for_a_turn_is_not_counted() -> None:
    clock = RecordingClock()
    outcomes = [SlowDown(retry_after='40'), SlowDown(retry_after='40'), 'result']

    async def attempt():
        trying().queued += 40
        clock.slept.append(40)
        if isinstance(outcomes[0], Exception):
            raise outcomes.pop(0)
        return outcomes[0]

    assert asyncio.run(with_retries(attempt, Retry(max_seconds=90), clock=clock)) == 'result'


def test_cancelling_takes_effect_at_once() -> None:
    async def attempt():
        raise ConnectionError

    async def cancelled() -> None:
        call = asyncio.ensure_future(with_retries(attempt, Retry(first_wait=30)))
        await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    started = time.monotonic()
    asyncio.run(cancelled())
    assert time.monotonic() - started < 5


@pytest.mark.parametrize('error', [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_what_ends_a_program_is_not_tried_again(error) -> None:
    left = [ConnectionError(), error()]

    async def attempt():
        raise left.pop(0)

    with pytest.raises(error):
        asyncio.run(with_retries(attempt, Retry(first_wait=0), clock=RecordingClock()))


def test_outside_of_a_call_nothing_is_being_tried() -> None:
    assert trying() is None
