"""Which rows of a segment are left when the catalog and the footers have spoken."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from pixeltable.catalog.records import ROW_ID, Segment
from pixeltable.exprs.conditions import Condition
from pixeltable.exprs.nodes import Field
from pixeltable.storage import files, ranges
from pixeltable.storage.ranges import common, cut
from pixeltable.storage.read_columns import ReadColumn
from pixeltable.types.column_type import INT

X = Field(INT, 'x')


@pytest.fixture
def segment(bench: Any, monkeypatch: pytest.MonkeyPatch) -> Segment:
    """Numbers 0 … 99 as column 1, in row groups of ten; the row ids begin with 1000."""
    monkeypatch.setattr(files, 'ROW_GROUP_ROWS', 10)
    monkeypatch.setattr(files, '_LEAST_ROWS', 1)
    monkeypatch.setattr(ranges, 'GAP_ROWS', 1)
    return bench.write_segment(pa.table({'x': range(100)}), inline=False, first_id=1000)


def pieces(bench: Any, segment: Segment, column_id: int, op: Any, *values: Any) -> list[Any]:
    found = bench.store.pieces(segment, [1], {column_id: [Condition(X, op, values)]})
    return [rows and [tuple(each) for each in rows] for rows in found]


@pytest.mark.parametrize(
    ('op', 'values', 'expected'),
    [
        ('eq', [35], [[(30, 40)]]),
        ('lt', [20], [[(0, 10)], [(10, 20)]]),
        ('ge', [90], [[(90, 100)]]),
        ('in', [5, 95], [[(0, 10)], [(90, 100)]]),
        ('gt', [99], []),
        ('is_null', [], []),
    ],
)
def test_row_groups(bench: Any, segment: Segment, op: str, values: list[int], expected: list[Any]) -> None:
    assert pieces(bench, segment, 1, op, *values) == expected


@pytest.mark.parametrize(
    ('op', 'values', 'expected'),
    [
        ('eq', [1035], [[(35, 36)]]),
        ('lt', [1012], [[(0, 10)], [(10, 12)]]),
        ('le', [1000], [[(0, 1)]]),
        ('gt', [1097], [[(98, 100)]]),
        ('ge', [1099], [[(99, 100)]]),
        ('in', [1003, 1003, 1005, 5000], [[(3, 4), (5, 6)]]),
        ('eq', [7], []),
        ('is_null', [], []),
    ],
)
def test_row_ids(bench: Any, segment: Segment, op: str, values: list[int], expected: list[Any]) -> None:
    assert pieces(bench, segment, ROW_ID, op, *values) == expected


def test_several_conditions_hold_together(bench: Any, segment: Segment) -> None:
    wanted = {1: [Condition(X, 'ge', (25,)), Condition(X, 'lt', (45,))], ROW_ID: [Condition(X, 'gt', (1041,))]}
    assert bench.store.pieces(segment, [1], wanted) == [[(42, 50)]]


def test_a_piece_reads_only_its_rows(bench: Any, segment: Segment) -> None:
    deleted = bench.delete(segment, [35])
    columns = [ReadColumn(1, 'x', pa.int64()), ReadColumn(ROW_ID, 'id', pa.int64())]
    found = bench.store.read(deleted, columns, [(34, 37), (98, 100)])
    assert found.to_pydict() == {'x': [34, 36, 98, 99], 'id': [1034, 1036, 1098, 1099]}


def test_near_ranges_are_read_as_one(bench: Any, segment: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, 'GAP_ROWS', 50)
    assert pieces(bench, segment, ROW_ID, 'in', 1003, 1008, 1060) == [[(3, 9)], [(60, 61)]]


def test_common() -> None:
    assert common([(0, 10), (20, 30)], [(5, 25), (29, 40)]) == [(5, 10), (20, 25), (29, 30)]
    assert common([], [(0, 5)]) == []


def test_cut() -> None:
    assert list(cut(None, (0, 10))) == [None]
    assert list(cut([(3, 5)], (0, 10))) == [[(3, 5)]]
    assert list(cut(None, (0, 10, 15))) == [[(0, 10)], [(10, 15)]]
    assert list(cut([(8, 12)], (0, 10, 15))) == [[(8, 10)], [(10, 12)]]
    assert list(cut([], (0, 10))) == []
