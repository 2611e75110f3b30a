from __future__ import annotations

import time

import pyarrow as pa

from pixeltable.exec.timings import Timing, Timings


def test_sums_by_kind_and_name() -> None:
    timings = Timings()
    timings.add('function', 'f', 1.0, rows=10, calls=2)
    timings.add('function', 'f', 0.5, rows=5, calls=1)
    timings.add('queue', 'f', 0.25)
    assert timings.sums() == {('function', 'f'): Timing(1.5, 15, 3), ('queue', 'f'): Timing(0.25, 0, 0)}


def test_what_is_measured_within_counts_there_alone() -> None:
    timings = Timings()
    with timings.own('outer'):
        with timings.own('inner', 3):
            time.sleep(0.02)
        time.sleep(0.01)
    sums = timings.sums()
    assert sums['own', 'inner'].seconds >= 0.02
    assert 0.01 <= sums['own', 'outer'].seconds < 0.02
    assert sums['own', 'inner'].rows == 3


def test_streams_are_measured_where_their_items_are_made() -> None:
    timings = Timings()

    def read():
        time.sleep(0.02)
        yield pa.table({'x': [1, 2]})

    def waited(items):
        for item in items:
            time.sleep(0.02)
            yield item

    stream = timings.each('sql', timings.elsewhere(waited(timings.each('read', read()))))
    assert [table.num_rows for table in stream] == [2]
    sums = timings.sums()
    assert 0.02 <= sums['own', 'read'].seconds < 0.04
    assert sums['own', 'sql'].seconds < 0.01
    assert sums['own', 'read'].rows == sums['own', 'sql'].rows == 2


def test_the_time_stands_still_at_the_end() -> None:
    timings = Timings()
    timings.close()
    seconds = timings.seconds
    time.sleep(0.002)
    assert timings.seconds == seconds
