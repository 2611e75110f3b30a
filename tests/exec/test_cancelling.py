from __future__ import annotations

from concurrent.futures import Future

import pytest

from pixeltable.exec.cancelling import Cancellation, Cancelled, cancellable, current


def test_what_is_waited_for_is_cancelled() -> None:
    cancellation, future = Cancellation(), Future()
    cancellation.watch(future)
    cancellation.check()
    cancellation.cancel()
    assert future.cancelled()
    with pytest.raises(Cancelled):
        cancellation.check()


def test_what_is_watched_too_late_is_cancelled_at_once() -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    assert cancellation.watch(Future()).cancelled()


def test_what_is_done_is_forgotten() -> None:
    cancellation, future = Cancellation(), Future()
    cancellation.watch(future)
    future.set_result(1)
    assert not cancellation._stops


def test_taking_a_callback_back() -> None:
    cancellation, called = Cancellation(), []
    forget = cancellation.on_cancel(lambda: called.append('no'))
    cancellation.on_cancel(lambda: called.append('yes'))
    forget()
    cancellation.cancel()
    cancellation.cancel()
    assert called == ['yes']


def test_operations_in_the_block_share_it() -> None:
    cancellation = Cancellation()
    with cancellable(cancellation):
        assert current() is cancellation
    assert current() is not cancellation
