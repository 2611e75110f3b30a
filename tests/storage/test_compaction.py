from __future__ import annotations

import dataclasses
import itertools
import math
import random

import pytest

from pixeltable.catalog.records import Contents, DeleteVector, FileRecord, Segment, StoredColumn
from pixeltable.storage.compaction import FULL_BYTES, FULL_ROWS, LAZY, MAX_FILES, THOROUGH, Policy, plan_compaction

_ids = itertools.count(1)


def segment(
    first: int, rows: int, *, last: int | None = None, size: int = 100, made_by: str | None = None, files: int = 1
) -> Segment:
    """A segment of Parquet files whose row ids are `first …`, or lie between `first` and `last`."""
    columns = (StoredColumn(1, 'x'), StoredColumn(2, 'y', made_by))
    id_ = next(_ids)
    records = tuple(FileRecord(next(_ids), id_, columns, size, 'sum', path='a.parquet') for _ in range(files))
    ends = first + rows - 1 if last is None else last
    return Segment(id_, 't', rows, first if last is None else None, first, ends, records)


def inlined(first: int, rows: int) -> Segment:
    found = segment(first, rows)
    return dataclasses.replace(found, files=(dataclasses.replace(found.files[0], path=None, data=b'x'),))


def deleted(found: Segment, count: int) -> Segment:
    return dataclasses.replace(found, deletes=DeleteVector(next(_ids), found.id, count, b''))


def plan(*segments: Segment, policy: Policy = THOROUGH) -> list[list[int]]:
    """The places of the segments that each job merges."""
    ordered = sorted(segments, key=lambda each: (each.min_id, each.id))
    places = {each.id: place for place, each in enumerate(ordered)}
    jobs = plan_compaction(Contents('t', 1, tuple(ordered)), [1, 2], policy)
    return sorted([places[each.id] for each in job] for job in jobs)


def in_a_row(*rows: int) -> list[Segment]:
    starts = itertools.accumulate(rows, initial=1)
    return [segment(start, count) for start, count in zip(starts, rows, strict=False)]


def test_small_segments_become_one() -> None:
    assert plan(*in_a_row(10, 20, 30_000, 1)) == [[0, 1, 2, 3]]
    assert plan(*in_a_row(10)) == []


def test_one_that_would_be_written_again_for_little_divides_the_others() -> None:
    assert plan(*in_a_row(10, 10, 900_000, 20, 20)) == [[0, 1], [3, 4]]
    assert plan(*in_a_row(400_000, 900_000, 90_000)) == []


def test_a_group_is_of_full_size_at_most() -> None:
    assert plan(*in_a_row(*[300_000] * 7)) == [[0, 1, 2], [3, 4, 5]]
    wide = [segment(start, 10, size=FULL_BYTES // 3) for start in range(1, 71, 10)]
    assert plan(*wide) == [[0, 1, 2], [3, 4, 5]]


def test_segments_stay_apart_in_the_order_of_their_ids() -> None:
    small = [segment(start, 10) for start in (1, 11, FULL_ROWS + 100, FULL_ROWS + 110)]
    assert plan(*small, segment(21, FULL_ROWS)) == [[0, 1], [3, 4]]


def test_updated_rows_of_a_large_segment_go_together() -> None:
    updates = [segment(5, 2, last=900_000), segment(7, 1), segment(80_000, 1), segment(FULL_ROWS + 5, 1)]
    large = [segment(1, FULL_ROWS), segment(FULL_ROWS + 1, FULL_ROWS)]
    assert plan(*large, *updates) == [[1, 2, 3, 5]]


def test_what_other_code_computed_stays_apart() -> None:
    old, new = [segment(start, 10, made_by='old') for start in (1, 21)], [segment(11, 10, made_by='new')]
    assert plan(*old, *new, segment(31, 10, made_by='new')) == [[0, 2], [1, 3]]


@pytest.mark.parametrize(('count', 'jobs'), [(FULL_ROWS // 5 + 1, [[0]]), (FULL_ROWS // 5 - 1, [])])
def test_a_segment_that_lost_many_rows_is_written_anew(count: int, jobs: list[list[int]]) -> None:
    assert plan(deleted(segment(1, FULL_ROWS), count)) == jobs


def test_a_segment_of_many_files_is_written_anew() -> None:
    assert plan(segment(1, 2 * FULL_ROWS, files=MAX_FILES + 1)) == [[0]]
    assert plan(segment(1, 2 * FULL_ROWS, files=MAX_FILES)) == []


def test_inlined_segments_go_into_parquet_when_asked_for_only() -> None:
    lonely = [inlined(1, 2), segment(3, FULL_ROWS), inlined(FULL_ROWS + 3, 2)]
    assert plan(*lonely) == [[0, 2]]
    assert plan(*lonely, policy=LAZY) == []


def test_rows_are_written_a_logarithmic_number_of_times() -> None:
    dice = random.Random(7)
    segments: list[Segment] = []
    rows, rewritten, most = 0, 0, 0
    while rows < 3 * FULL_ROWS:
        segments.append(segment(rows + 1, dice.randint(500, 20_000)))
        rows += segments[-1].rows
        for job in plan_compaction(Contents('t', 1, tuple(segments)), [1, 2], LAZY):
            place = segments.index(job[0])
            merged = segment(job[0].min_id, sum(each.rows for each in job))
            segments[place : place + len(job)] = [merged]
            rewritten += merged.rows
        most = max(most, len(segments))
    levels = math.log(FULL_ROWS / 500, LAZY.growth)
    assert rewritten <= rows * levels
    assert most <= rows / FULL_ROWS + LAZY.growth * (levels + 2)
