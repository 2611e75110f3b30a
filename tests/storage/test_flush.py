from __future__ import annotations

from typing import Any

import pyarrow as pa

from pixeltable.catalog.records import Contents, Segment
from pixeltable.storage.flush import FEW_INLINED, MAX_INLINED, MAX_INLINED_BYTES, plan_flush


def inserted(bench: Any) -> Segment:
    return bench.write_segment(pa.table({'a': [10]}))


def contents(*segments: Segment) -> Contents:
    return Contents('t', 1, segments)


def test_few_small_segments_stay(bench: Any) -> None:
    segment = inserted(bench)
    assert plan_flush(contents(*[segment] * MAX_INLINED)) == ()


def test_many_segments_go(bench: Any) -> None:
    segments = [inserted(bench)] * (MAX_INLINED + 1)
    assert len(plan_flush(contents(*segments))) == MAX_INLINED + 1


def test_large_segments_go(bench: Any) -> None:
    segment = bench.write_segment(pa.table({'a': ['x' * (MAX_INLINED_BYTES // 2)]}), inline=True)
    assert plan_flush(contents(segment)) == ()
    assert plan_flush(contents(segment, segment)) == (segment, segment)


def test_segments_with_a_parquet_file_are_left(bench: Any) -> None:
    table = pa.table({'a': [1]})
    mixed = bench.segment(bench.write(table, inline=False), bench.write(table, inline=True), rows=1)
    inlined = [inserted(bench)] * (MAX_INLINED + 1)
    assert mixed not in plan_flush(contents(mixed, *inlined))


def test_fewer_may_stay_before_all_rows_are_computed(bench: Any) -> None:
    segments = [inserted(bench)] * (FEW_INLINED + 1)
    assert plan_flush(contents(*segments[1:]), FEW_INLINED) == ()
    assert len(plan_flush(contents(*segments), FEW_INLINED)) == FEW_INLINED + 1
