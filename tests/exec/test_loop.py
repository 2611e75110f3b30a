from __future__ import annotations

import asyncio

import pytest

from pixeltable.exec.loop import LoopThread


@pytest.fixture
def loop():
    made = LoopThread()
    yield made
    made.close()


def test_run(loop) -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 5

    assert loop.run(work()) == 5


def test_inside_another_loop(loop) -> None:
    async def inner() -> int:
        return 1

    async def outer() -> int:
        return loop.run(inner())

    assert asyncio.run(outer()) == 1


def test_exceptions_arrive(loop) -> None:
    async def work() -> None:
        raise KeyError('x')

    with pytest.raises(KeyError):
        loop.run(work())


def test_closing_twice(loop) -> None:
    loop.close()
    loop.close()
