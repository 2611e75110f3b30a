from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from pixeltable.storage.ahead import DEPTH, ReadAhead


def work(numbers: range, done: list[int], is_long: bool = True) -> Iterator[tuple[bool, Callable[[], int]]]:
    def piece(number: int) -> int:
        time.sleep(0.001 * (number % 3))
        done.append(number)
        return number

    return ((is_long, partial(piece, number)) for number in numbers)


@pytest.mark.parametrize('is_long', [True, False])
@pytest.mark.parametrize('count', [0, 1, 2, 30])
def test_results_come_in_order(count: int, is_long: bool) -> None:
    assert list(ReadAhead().in_order(work(range(count), [], is_long))) == list(range(count))


def test_nothing_is_read_before_it_is_asked_for() -> None:
    done: list[int] = []
    results = ReadAhead().in_order(work(range(30), done))
    assert done == []
    assert next(results) == 0
    assert done == [0]


def test_only_a_few_pieces_are_read_ahead() -> None:
    done: list[int] = []
    results = ReadAhead().in_order(work(range(30), done))
    assert [next(results), next(results)] == [0, 1]
    time.sleep(0.05)
    assert 1 < len(done) <= 1 + DEPTH
    results.close()


def test_short_pieces_need_no_thread() -> None:
    before = threading.active_count()
    assert sum(ReadAhead().in_order(work(range(30), [], is_long=False))) == 435
    assert threading.active_count() <= before


def test_an_error_arrives_where_its_piece_would() -> None:
    def fails() -> int:
        raise OSError('gone')

    pieces = [*work(range(3), []), (True, fails), *work(range(3), [])]
    results = ReadAhead().in_order(pieces)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match='gone'):
        next(results)


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='this system has no fork')
@pytest.mark.filterwarnings('ignore:.*use of fork:DeprecationWarning')
def test_a_forked_child_reads_ahead_too() -> None:
    ahead = ReadAhead()
    assert sum(ahead.in_order(work(range(9), []))) == 36
    child = os.fork()
    if child == 0:
        os._exit(sum(ahead.in_order(work(range(9), []))))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 36
