from __future__ import annotations

import asyncio

import pytest

from pixeltable.exec.limits.waiting import Queue, Waiter


@pytest.fixture
def loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def fill(loop, owners):
    queue = Queue()
    for number, owner in enumerate(owners):
        queue.add(Waiter(owner, float(number), 600, loop.create_future()))
    return queue


def test_owners_take_turns(loop) -> None:
    queue = fill(loop, 'aaaabbc')
    order = [waiter.owner for waiter in queue]
    assert ''.join(order) == 'abcabaa'
    assert [queue.take().owner for _ in range(len(queue))] == order
    assert not queue.has_next()


def test_calls_of_one_owner_keep_their_order(loop) -> None:
    queue = fill(loop, 'abab')
    assert [queue.take().tokens for _ in range(4)] == [0, 1, 2, 3]


def test_who_gives_up_is_not_taken(loop) -> None:
    queue = fill(loop, 'aab')
    first, *_ = queue
    first.turn.cancel()
    assert queue.has_next()
    assert [queue.take().tokens for _ in range(len(queue))] == [1, 2]
    queue.remove(first)
    assert len(queue) == 0


def test_an_error_ends_a_waiter_once(loop) -> None:
    waiter = Waiter('a', None, 600, loop.create_future())
    waiter.end(ValueError('first'))
    waiter.end(ValueError('second'))
    with pytest.raises(ValueError, match='first'):
        loop.run_until_complete(waiter.turn)
