"""How the rest of a job is cut into parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixeltable.catalog.jobs import JobRecord, JobSpec, Tally, joined
from pixeltable.catalog.records import ColumnRecord, Contents, FileRecord, Schema, Segment, StoredColumn, TableRecord
from pixeltable.exec.jobs.units import Unit, next_unit, units
from pixeltable.exec.source import Source
from pixeltable.types.column_type import INT

SCHEMA = Schema(
    TableRecord('t', 't'), (ColumnRecord(1, 'k', INT), ColumnRecord(2, 'x', INT, {}), ColumnRecord(3, 'y', INT, {}))
)


def segment(first: int, last: int, *columns: int, scattered: int = 0) -> Segment:
    """Rows `first` to `last`, or so many of them if their ids are scattered."""
    files = tuple(FileRecord(i, first, (StoredColumn(i, f'c{i}'),), 0, '') for i in (1, *columns))
    rows = scattered or last - first + 1
    return Segment(first, 't', rows, None if scattered else first, first, last, files)


def job(
    kind: str = 'insert', low: int = 1, high: int = 100, columns: tuple[int, ...] = (), **done: object
) -> JobRecord:
    return JobRecord(1, 't', 'running', 0, None, low, high, JobSpec(kind, 't', columns), Tally(**done))


def left(record: JobRecord, *segments: Segment, rows: int = 1000) -> list[tuple[int, int, int]]:
    source = Source(SCHEMA, Contents('t', 1, segments), None)
    return [(unit.low, unit.high, unit.rows) for unit in units(source, record, rows)]


def test_segments_that_lack_columns() -> None:
    segments = segment(1, 4, 2, 3), segment(5, 9, 2), segment(10, 12), segment(90, 200), segment(101, 300)
    assert left(job(), *segments) == [(5, 9, 5), (10, 12, 3), (90, 200, 111)]
    assert left(job(columns=(2,)), *segments) == [(10, 12, 3), (90, 200, 111)]


def test_rows_to_compute_again() -> None:
    segments = segment(1, 10, 2, 3), segment(11, 200, 2, 3), segment(3, 40, 2, 3, scattered=2)
    assert left(job('recompute', high=60), *segments) == [(1, 10, 11), (11, 60, 51)]
    assert left(job('recompute', high=60, done=((1, 10), (20, 30))), *segments) == [(11, 19, 10), (31, 60, 31)]
    assert left(job('recompute', high=30), *segments, rows=8) == [
        (1, 8, 9),
        (9, 10, 3),
        (11, 18, 9),
        (19, 26, 9),
        (27, 30, 5),
    ]
    assert left(job('recompute', done=((1, 100),)), *segments) == []


def test_rows_that_are_gone_are_no_part() -> None:
    assert left(job('recompute'), segment(50, 60, 2, 3)) == [(1, 60, 11)]
    assert left(job('recompute', done=((1, 60),)), segment(50, 60, 2, 3)) == []


UNITS = [Unit(1, 4, 4), Unit(5, 9, 5), Unit(10, 12, 3), Unit(20, 99, 80)]


@pytest.mark.parametrize(
    ('leased', 'rows', 'expected'),
    [
        ([], 1, Unit(1, 4, 4)),
        ([], 6, Unit(1, 9, 9)),
        ([], 1000, Unit(1, 99, 92)),
        ([(4, 4)], 6, Unit(5, 12, 8)),
        ([(9, 10)], 6, Unit(1, 4, 4)),
        ([(1, 9), (12, 12)], 6, Unit(20, 99, 80)),
        ([(1, 99)], 6, None),
    ],
)
def test_the_next_part_meets_no_lease(leased, rows, expected) -> None:
    assert next_unit(UNITS, leased, rows) == expected


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)), max_size=4),
    st.integers(1, 20),
    st.data(),
)
def test_parts_cover_each_row_once(sizes, done, rows, data) -> None:
    segments, first = [], 1
    for size in sizes:
        segments.append(segment(first, first + size - 1, 2, 3))
        first += size
    high = data.draw(st.integers(1, first - 1))
    ranges = joined([(low, low + more) for low, more in done])
    record = job('recompute', high=high, done=ranges)
    covered = [row for low, last, _ in left(record, *segments, rows=rows) for row in range(low, last + 1)]
    skipped = {row for low, last in ranges for row in range(low, last + 1)}
    assert covered == [row for row in range(1, high + 1) if row not in skipped]
