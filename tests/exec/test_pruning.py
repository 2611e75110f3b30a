"""A scan leaves out what cannot match, and nothing else."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pixeltable as pxt
from pixeltable.exec.source import Source
from pixeltable.exprs.conditions import conditions
from pixeltable.plan.logical import POSITION
from pixeltable.storage import files, ranges, segments

START = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything but single rows is Parquet, with a row group every four rows."""
    monkeypatch.setattr(segments, 'INLINE_BYTES', 200)
    monkeypatch.setattr(files, 'ROW_GROUP_ROWS', 4)
    monkeypatch.setattr(files, '_LEAST_ROWS', 1)
    monkeypatch.setattr(ranges, 'GAP_ROWS', 1)


def rows(numbers: Any) -> list[dict[str, Any]]:
    return [
        {
            'k': n,
            'x': None if n % 5 == 0 else math.nan if n % 11 == 0 else n / 2,
            's': None if n % 7 == 0 else f'text {n:03}',
            'day': START + datetime.timedelta(days=n),
        }
        for n in numbers
    ]


@pytest.fixture
def t(home: Any) -> pxt.Table:
    """60 rows in three segments, some deleted, some updated into a fourth, and one inlined."""
    schema = {'k': pxt.Int, 'x': pxt.Float | None, 's': pxt.String | None, 'day': pxt.Timestamp}
    table = pxt.create_table('t', schema)
    for start in (0, 20, 40):
        table.insert(rows(range(start, start + 20)))
    table.delete(table.k.isin([3, 4, 25, 59]))
    table.update({'x': table.x + 100}, where=table.k.isin([1, 26, 27, 28, 41]))
    table.insert(rows([60]))
    table.add_column(late=pxt.Int | None)
    return table


def scanned(t: pxt.Table, predicate: Any) -> list[int]:
    """The keys that a scan with the conditions of `predicate` reads."""
    source = t._source()
    node = t._session.engine.resolver.bind(source.schema, predicate.__pxt_node__)
    return sorted(k for part in source.read(['c1'], conditions(node)) for k in part['c1'].to_pylist())


def test_whole_segments_are_skipped(t: pxt.Table) -> None:
    assert scanned(t, t.k > 100) == [60]  # which is inlined, and has no statistics
    assert scanned(t, t.s < 'text 000') == [60]
    assert scanned(t, t.id > 100) == []


def test_row_groups_are_skipped(t: pxt.Table) -> None:
    assert scanned(t, (t.k >= 29) & (t.k < 31)) == [29, 30, 31, 60]
    assert scanned(t, t.day.isin([START, START + datetime.timedelta(days=45)])) == [0, 2, 44, 45, 46, 47, 60]


def test_row_ids_are_found_to_the_row(t: pxt.Table) -> None:
    assert scanned(t, t.id == 31) == [30]
    assert scanned(t, (t.id > 30) & (t.id <= 33)) == [30, 31, 32]
    assert scanned(t, t.id.isin([1, 33, 61])) == [0, 32, 60]


def test_row_ids_of_updated_rows_are_found_by_row_group(t: pxt.Table) -> None:
    assert scanned(t, t.id == 28) == [1, 26, 27, 28]


def test_a_column_without_a_file_is_null(t: pxt.Table) -> None:
    assert scanned(t, t.late == 1) == []
    assert scanned(t, t.late != None) == []  # noqa: E711
    assert len(scanned(t, t.late == None)) == 57  # noqa: E711


def test_conditions_on_errors_skip_nothing(t: pxt.Table) -> None:
    t.add_computed_column(y=t.k + 1)
    assert len(scanned(t, t.y.errortype != None)) == 57  # noqa: E711


def test_explain_counts_segments(t: pxt.Table) -> None:
    assert 'in 1 of 5 segments' in t.where(t.k == 60).explain().splitlines()[0]
    assert 'segments' not in t.where(t.k + 1 == 60).explain().splitlines()[0]


def test_fetch_by_position_reads_only_what_is_near(t: pxt.Table) -> None:
    source = t._source()
    positions = next(part[POSITION] for part in source.read([POSITION])).to_numpy()[[7, 0, 15]]
    assert source.fetch(['c1', 'row_id'], positions).to_pylist() == [{'c1': k, 'row_id': k + 1} for k in (10, 0, 18)]


def test_texts_that_repeat_come_as_dictionaries(home: Any) -> None:
    t = pxt.create_table('t', {'kind': pxt.String | None, 'n': pxt.Int})
    for start in (0, 500):
        t.insert([{'kind': f'kind {n % 3}' if n % 4 else None, 'n': n} for n in range(start, start + 500)])
    t.insert([{'kind': 'kind 7', 'n': -1}])
    parts = list(t._source().read(['c1'], encoded=True))
    assert {str(part.schema.field('c1').type) for part in parts} == {
        'dictionary<values=string, indices=int32, ordered=0>'
    }
    found = t.group_by(t.kind).select(t.kind, n=pxt.functions.count(t.n)).order_by(t.kind).collect()
    assert list(zip(found['kind'], found['n'], strict=True)) == [
        ('kind 0', 250), ('kind 1', 250), ('kind 2', 250), ('kind 7', 1), (None, 250)
    ]  # fmt: skip
    t.insert([{'kind': 'kind 7', 'n': -2}])  # which is read together with the one before
    assert t.where(t.kind == 'kind 7').select(t.kind, t.n).order_by(t.n).collect()['n'] == [-2, -1]
    assert {str(part.schema.field('c1').type) for part in t._source().read(['c1'], encoded=True)} == {
        'dictionary<values=string, indices=int32, ordered=0>'
    }


comparisons = st.one_of(
    st.tuples(st.just('k'), st.integers(-2, 62)),
    st.tuples(st.just('id'), st.integers(-2, 63)),
    st.tuples(st.just('x'), st.one_of(st.integers(-2, 140), st.floats(0, 30))),
    st.tuples(st.just('s'), st.integers(0, 61).map(lambda n: f'text {n:03}')),
    st.tuples(st.just('day'), st.integers(-1, 61).map(lambda n: START + datetime.timedelta(days=n))),
    st.tuples(st.just('late'), st.integers(0, 1)),
)
operations = st.sampled_from(['==', '<', '<=', '>', '>=', 'isin', 'null', 'not null'])


def predicate(t: pxt.Table, parts: list[tuple[tuple[str, Any], str]]) -> Any:
    made: Any = None
    for (name, value), operation in parts:
        column = t.id if name == 'id' else t[name]
        match operation:
            case 'isin':
                one = column.isin([value])
            case 'null':
                one = column == None  # noqa: E711
            case 'not null':
                one = column != None  # noqa: E711
            case _:
                one = eval(f'column {operation} value')
        made = one if made is None else made & one
    return made


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(comparisons, operations), min_size=1, max_size=3))
def test_a_pruned_query_equals_the_unpruned_one(t: pxt.Table, parts: list[tuple[tuple[str, Any], str]]) -> None:
    query = t.where(predicate(t, parts)).select(t.id, t.k, t.x, t.s)
    pruned = query.collect().to_arrow()
    with pytest.MonkeyPatch.context() as everything:
        everything.setattr(Source, '_by_column', lambda self, conditions: {})
        assert repr(pruned.to_pylist()) == repr(query.collect().to_arrow().to_pylist())


def test_changes_find_the_same_rows(t: pxt.Table) -> None:
    assert t.update({'s': 'new'}, where=(t.k >= 10) & (t.k < 13)).num_rows == 3
    assert t.where(t.s == 'new').select(t.k).collect()['k'] == [10, 11, 12]
    assert t.delete(where=t.id.isin([11, 27, 61])).num_rows == 3
    assert t.where(t.k.isin([10, 26, 60])).count() == 0
    assert t.count() == 54
