from __future__ import annotations

import types

import pyarrow as pa
import pytest

from pixeltable.exec import timings as module
from pixeltable.exec.timings import Timing, Timings


class Clock:
    """The time, which passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, 'time', types.SimpleNamespace(perf_counter=lambda: made.now))
    return made


def test_sums_by_kind_and_name() -> None:
    timings = Timings()
    timings.add('function', 'f', 1.0, rows=10, calls=2)
    timings.add('function', 'f', 0.5, rows=5, calls=1)
    timings.add('queue', 'f', 0.25)
    assert timings.sums() == {('function', 'f'): Timing(1.5, 15, 3), ('queue', 'f'): Timing(0.25, 0, 0)}


def test_what_is_measured_within_counts_there_alone(clock) -> None:
    timings = Timings()
    with timings.own('outer'):
        with timings.own('inner', 3):
            clock.sleep(2)
        clock.sleep(1)
    assert timings.sums() == {('own', 'inner'): Timing(2, 3, 1), ('own', 'outer'): Timing(1, 0, 1)}


def test_streams_are_measured_where_their_items_are_made(clock) -> None:
    timings = Timings()

    def read():
        clock.sleep(2)
        yield pa.table({'x': [1, 2]})

    def waited(items):
        for item in items:
            clock.sleep(4)
            yield item

    def sql(items):
        for item in items:
            clock.sleep(1)
            yield item

    stream = timings.each('sql', sql(timings.elsewhere(waited(timings.each('read', read())))))
    assert [table.num_rows for table in stream] == [2]
    assert timings.sums() == {('own', 'read'): Timing(2, 2, 1), ('own', 'sql'): Timing(1, 2, 1)}


def test_the_time_stands_still_at_the_end(clock) -> None:
    timings = Timings()
    clock.sleep(3)
    timings.close()
    clock.sleep(1)
    assert timings.seconds == 3
