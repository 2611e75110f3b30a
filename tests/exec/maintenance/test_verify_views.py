"""A view of a query that does not hold what the query gives is found, named row by row, and put right."""

from __future__ import annotations

import random
import re
from typing import Any

import pyarrow as pa
import pytest

import pixeltable as pxt
from pixeltable import functions as fn
from pixeltable.catalog.changes import AddSegment, Commit, EndSegment
from pixeltable.exec.changes.new_segments import new_segments
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome

LIMIT: dict[int, int | None] = {0: 2}


@pxt.udf
def is_small(k: int) -> bool:
    return k < LIMIT[0]  # type: ignore[operator]


@pytest.fixture
def t(home: Any) -> pxt.Table:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String | None, 'f': pxt.Float})
    t.insert([{'k': k, 's': 'abc'[k % 3], 'f': k / 7} for k in range(9)] + [{'k': 9, 'f': 1.0}])
    return t


def tampered(engine: Engine, view: pxt.Table, change: Any) -> None:
    """Changes the stored rows of a view behind everybody's back; new rows get new ids."""
    source = engine.source(view._table_id)
    fields = [name for name, column in source.columns.items() if column.part == 'value' and column.column_id > 0]
    rows = pa.concat_tables(list(source.read(fields)))
    segments = new_segments(engine, source.schema, iter([change(rows)]), None, Outcome('insert'))
    ended = [EndSegment(segment.id) for segment in source.contents.segments]
    changes = [*ended, *(AddSegment(view._table_id, each.rows, each.files) for each in segments)]
    engine.catalog.commit(Commit('insert', tuple(changes), (), ((view._table_id, 'data', {}),)))


def set_first(name: str, value: Any) -> Any:
    def change(rows: Any) -> Any:
        values = rows.column(name).to_pylist()
        column = pa.array([value, *values[1:]], rows.schema.field(name).type)
        return rows.set_column(rows.column_names.index(name), name, column)

    return change


def test_views_that_are_right(t, engine) -> None:
    pxt.create_view('groups', t.group_by(t.s).select(t.s, m=fn.mean(t.f)))
    pxt.create_view('top', t.order_by(t.k).limit(2), additional_columns={'twice': t.k * 2})
    pxt.create_snapshot('old', t.group_by(t.s).select(t.s))
    t.insert([{'k': 10, 's': 'a', 'f': 0.1}])
    report = pxt.verify()
    assert (report.problems, report.notes) == ((), ())
    assert report.cells > 12


def test_rows_are_named_and_put_right(t, engine) -> None:
    v = pxt.create_view(
        'v', t.group_by(t.s).select(t.s, n=fn.count(t.k)), additional_columns={'note': pxt.String | None}
    )
    before = v.order_by(v.s).collect()
    v.update({'note': 'mine'}, where=v.s == 'a')
    tampered(engine, v, set_first('c2', 77))
    (problem,) = pxt.verify('v').problems
    assert re.match(
        r"it differs from its query in 1 row: row \d+ \(s = '?\w+'?\) has 77 as 'n' instead of", problem.what
    )
    tampered(engine, v, lambda rows: rows.slice(2))
    (problem,) = pxt.verify('v').problems
    assert 'in 2 rows: the one with s = ' in problem.what
    tampered(engine, v, set_first('c1', 'new'))
    (problem,) = pxt.verify('v').problems
    assert "(s = 'new') is not in the result; the one with s = " in problem.what
    above = pxt.create_view('above', v.where(v.n > 2))
    report = pxt.repair()
    assert (report.ok, report.repaired) == (True, ("table 'v': 4 rows of the view put right by its query.",))
    assert v.order_by(v.s).select(v.s, v.n).collect() == [{'s': row['s'], 'n': row['n']} for row in before]
    assert above.count() == 3
    assert pxt.repair('v').repaired == ()


def test_a_row_that_is_there_twice(t, engine) -> None:
    v = pxt.create_view('v', t.group_by(t.s).select(t.s, n=fn.count(t.k)))
    tampered(engine, v, lambda rows: pa.concat_tables([rows, rows.slice(1, 1)]))
    assert 'in 1 row: ' in pxt.verify('v').problems[0].what
    assert pxt.repair().ok
    assert sorted(v.collect()['n']) == [1, 3, 3, 3]


def test_functions_in_the_query(t, engine, monkeypatch) -> None:
    v = pxt.create_view('v', t.where(is_small(t.k)).group_by(t.s).select(t.s, n=fn.count(t.k)))
    monkeypatch.setitem(LIMIT, 0, 3)  # as if the code had been edited
    assert pxt.verify('v', sample=0).notes == (
        "view 'v' was not compared: its query would call functions, and sample is 0",
    )
    assert 'the one with s = ' in pxt.verify('v').problems[0].what
    assert pxt.repair().ok
    assert sorted(v.collect()['s']) == ['a', 'b', 'c']


def test_what_cannot_be_compared(t, engine, monkeypatch) -> None:
    @pxt.udf(is_deterministic=False)
    def any_of(k: int) -> bool:
        return random.random() < 0.5

    pxt.create_view('v', t.where(any_of(t.k)).group_by(t.s).select(t.s))
    pxt.create_view('w', t.where(is_small(t.k)).group_by(t.s).select(t.s))
    monkeypatch.setitem(LIMIT, 0, None)
    report = pxt.verify()
    assert [note.partition(': ')[0] for note in report.notes] == [
        "view 'v' was not compared",
        "view 'w' cannot be compared with its query here",
    ]
    assert report.ok


def test_a_damaged_file_of_a_view(home, engine, reopen) -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    t.insert({'k': k} for k in range(9000))
    pxt.create_view('v', t.group_by(t.k).select(t.k, n=fn.count(t.k)))
    last = max((home / 'data').rglob('*.parquet'), key=lambda path: path.stat().st_mtime_ns)
    last.write_bytes(b'')
    reopen()
    (problem,) = pxt.repair().problems
    assert "or drop 'v' and create it again" in problem.remedy
