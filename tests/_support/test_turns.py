"""Threads take turns, and nobody is stopped by one who keeps it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from pixeltable._support import turns as module
from pixeltable._support.turns import Turns


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    monkeypatch.setattr(module, 'PATIENCE_S', 30.0)
    return Turns()


def in_thread(work: Callable[[], None]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result(60)


def test_one_at_a_time(turns: Turns) -> None:
    inside: list[int] = []

    def work(number: int) -> None:
        for _ in range(50):
            with turns.one():
                inside.append(number)
                time.sleep(0)
                assert inside == [number]
                inside.clear()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, number) for number in range(4)]:
            done.result(60)


def test_others_go_on_while_one_waits(turns: Turns) -> None:
    steps: list[str] = []
    passed_on = threading.Event()

    def waiting() -> None:
        with turns.one():
            steps.append('first')
            turns.pass_on()
            passed_on.set()
            time.sleep(0.01)
            turns.again()
            steps.append('third')

    def other() -> None:
        assert passed_on.wait(60)
        with turns.one():
            steps.append('second')
            time.sleep(0.05)  # longer than the other one waits

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(waiting), pool.submit(other)]:
            done.result(60)
    assert steps == ['first', 'second', 'third']


def test_a_turn_inside_another_is_the_same(turns: Turns) -> None:
    def work() -> None:
        with turns.one():
            with turns.one():
                pass
            assert turns._here.has_turn
        assert not turns._here.has_turn

    in_thread(work)
    in_thread(work)


def test_without_taking_part_nothing_is_taken_or_passed_on(turns: Turns) -> None:
    turns.again()
    turns.pass_on()
    with turns.one():  # of the main thread
        assert not turns._here.has_turn
        in_thread(lambda: has_a_turn(turns))


def test_who_has_waited_long_goes_on_without(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'PATIENCE_S', 0.01)
    may_end = threading.Event()

    def keeping() -> None:
        with turns.one():
            assert may_end.wait(60)

    def going_on() -> None:
        with turns.one():
            assert not turns._here.has_turn

    with ThreadPoolExecutor(2) as pool:
        kept = pool.submit(keeping)
        while not turns._free.locked():
            time.sleep(0.001)
        pool.submit(going_on).result(60)
        may_end.set()
        kept.result(60)
    in_thread(lambda: has_a_turn(turns))


def has_a_turn(turns: Turns) -> None:
    with turns.one():
        assert turns._here.has_turn
