"""How the rest of a job is cut into parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

import pixeltable as pxt
from pixeltable.catalog.jobs import JobRecord, JobSpec, Tally
from pixeltable.catalog.records import (
    ColumnRecord,
    Contents,
    DeleteVector,
    FileRecord,
    Schema,
    Segment,
    StoredColumn,
    TableRecord,
)
from pixeltable.exec.jobs.units import Unit, is_left, next_unit, units
from pixeltable.exec.source import Source
from pixeltable.types.column_type import INT

SCHEMA = Schema(
    TableRecord('t', 't'), (ColumnRecord(1, 'k', INT), ColumnRecord(2, 'x', INT, {}), ColumnRecord(3, 'y', INT, {}))
)


def segment(first: int, last: int, *columns: int, rows: int | None = None) -> Segment:
    """Rows `first` to `last`, whose number is the segment's."""
    files = tuple(FileRecord(i, first, (StoredColumn(i, f'c{i}'),), 0, '') for i in (1, *columns))
    return Segment(first, 't', last - first + 1 if rows is None else rows, first, first, last, files)


def job(
    kind: str = 'insert', low: int = 1, high: int = 100, columns: tuple[int, ...] = (), **done: object
) -> JobRecord:
    return JobRecord(1, 't', 'running', 0, None, low, high, JobSpec(kind, 't', columns), Tally(**done))


def left(record: JobRecord, *segments: Segment) -> list[tuple[int, int, int]]:
    source = Source(SCHEMA, Contents('t', 1, segments), None)
    return [(unit.low, unit.high, unit.rows) for unit in units(source, record)]


def test_segments_that_lack_columns() -> None:
    segments = segment(1, 4, 2, 3), segment(5, 9, 2), segment(10, 12), segment(90, 200), segment(101, 300)
    assert left(job(), *segments) == [(5, 9, 5), (10, 12, 3), (90, 200, 111)]
    assert left(job(columns=(2,)), *segments) == [(10, 12, 3), (90, 200, 111)]


@pytest.mark.parametrize(
    ('done', 'expected'),
    [
        ((), [1, 11, 30]),
        (((1, 10),), [11, 30]),
        (((1, 9),), [1, 11, 30]),
        (((3, 35), (40, 60)), [1, 30]),
        (((1, 60),), []),
    ],
)
def test_segments_whose_rows_are_not_done(done, expected) -> None:
    segments = segment(1, 10, 2, 3), segment(11, 29, 2, 3), segment(30, 99, 2, 3), segment(61, 70, 2, 3)
    assert [low for low, *_ in left(job('recompute', high=60, done=done), *segments)] == expected


@pytest.mark.parametrize(('done', 'expected'), [(((1, 100),), False), (((3, 3), (40, 41)), False), (((4, 41),), True)])
def test_a_segment_with_scattered_ids(home, done, expected) -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    t.insert({'k': k} for k in range(50))
    t.update({'k': -1}, where=(t.id == 3) | (t.id == 40) | (t.id == 41))
    source = t._source()
    (index,) = (i for i, each in enumerate(source.contents.segments) if each.first_id is None)
    assert is_left(source, index, job('recompute', done=done)) is expected


def test_segments_without_rows_are_no_part() -> None:
    empty = replace(segment(1, 2), deletes=DeleteVector(1, 1, 2, b''))
    assert (left(job(), empty), left(job('recompute'), empty)) == ([], [])


UNITS = [Unit.of(segment(*ids)) for ids in [(1, 4), (5, 9), (10, 12), (20, 99)]]


@pytest.mark.parametrize(
    ('leased', 'rows', 'expected'),
    [
        ([], 1, (1, 4, 4, {1})),
        ([], 6, (1, 9, 9, {1, 5})),
        ([], 1000, (1, 99, 92, {1, 5, 10, 20})),
        ([(4, 4)], 6, (5, 12, 8, {5, 10})),
        ([(9, 10)], 6, (1, 4, 4, {1})),
        ([(1, 9), (12, 12)], 6, (20, 99, 80, {20})),
        ([(1, 99)], 6, None),
    ],
)
def test_the_next_part_meets_no_lease(leased, rows, expected) -> None:
    found = next_unit(UNITS, leased, rows)
    assert (found and (found.low, found.high, found.rows, set(found.segments))) == expected
