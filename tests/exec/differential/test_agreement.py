"""SQL text and Python functions of the same expression give the same values."""

from __future__ import annotations

import datetime
import math
import zoneinfo
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from by_row import of_row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixeltable.exprs import build
from pixeltable.exprs.bind import fields
from pixeltable.exprs.nodes import Cast, Field, IsIn, Node, Operation
from pixeltable.exprs.operations import OPERATIONS
from pixeltable.exprs.sql import to_sql
from pixeltable.exprs.visit import walk
from pixeltable.types import arrow
from pixeltable.types.column_type import BOOL, MEDIA_KINDS, Kind

ZONE = datetime.UTC
BERLIN = zoneinfo.ZoneInfo('Europe/Berlin')
KINDS = [kind for kind in Kind if kind is not Kind.ARRAY and kind not in MEDIA_KINDS]
NUMBERS = [Kind.INT, Kind.FLOAT, Kind.BOOL]
COMPARISONS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge']


@pytest.fixture(scope='module')
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    config = {'threads': 2, 'autoinstall_known_extensions': False, 'autoload_known_extensions': False}
    connection = duckdb.connect(':memory:', config=config)
    connection.execute("SET TimeZone='UTC'")
    yield connection
    connection.close()


def run(
    connection: duckdb.DuckDBPyConnection, query: str, node: Node, rows: list[dict[str, Any]]
) -> pa.Table | duckdb.Error:
    """The result of a query over `batch`, or why there is none."""
    columns = {name: arrow.encode([row[name] for row in rows], field.type) for name, field in fields(node).items()}
    connection.register('batch', pa.table({**columns, 'position': range(len(rows))}))
    try:
        return connection.sql(f'{query} ORDER BY position').to_arrow_table()
    except duckdb.Error as error:
        return error


ERRORS = (OverflowError, ValueError, TypeError)


def outcome(node: Node, row: dict[str, Any]) -> Any:
    try:
        return of_row(node, row)
    except ERRORS as error:
        return error


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, datetime.datetime) and isinstance(b, datetime.datetime):
        return a - b == datetime.timedelta(0)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and bool(a == b)


# DuckDB may leave out an operand that cannot change the result (`FALSE AND …`, NULL + …, `x + 1 > 5` as `x > 4`), and with it the
# operand's error; so a row that is an error in Python may be NULL in SQL, and below one of these anything.
SKIPS_ERRORS = frozenset({'and', 'or', 'is_null', 'is_not_null', 'case', 'coalesce', *COMPARISONS})


def may_skip_errors(node: Node) -> bool:
    skips = any(isinstance(n, IsIn) or (isinstance(n, Operation) and n.op in SKIPS_ERRORS) for n in walk(node))
    return skips or regroups(node)


def regroups(node: Node) -> bool:
    """Whether DuckDB may compute `(x + 1) + 2` as `x + (1 + 2)`, which overflows for other `x`. Of floats it does not."""
    return any(
        isinstance(n, Operation) and n.op == op and sum(isinstance(m, Operation) and m.op == op for m in walk(n)) > 1
        for op in ('add', 'mul')
        for n in walk(node)
    )


def check(connection: duckdb.DuckDBPyConnection, node: Node, rows: list[dict[str, Any]]) -> bool:
    """Compares the two evaluations; False if there is no SQL form."""
    text = to_sql(node, ZONE)
    if text is None:
        return False
    expected = [outcome(node, row) for row in rows]
    failed = any(isinstance(value, ERRORS) for value in expected)
    result = run(connection, f'SELECT {text} AS result FROM batch', node, rows)
    if isinstance(result, duckdb.Error):
        assert failed or constant_error(node) or regroups(node), f'only SQL fails: {text}: {result}'
        return True
    found = arrow.decode(result.column('result'), node.type, ZONE)
    for row, a, b in zip(rows, expected, found, strict=True):
        excused = isinstance(a, ERRORS) and (b is None or may_skip_errors(node))
        assert excused or same(a, b), f'{text}: {a!r} in Python, {b!r} in SQL, of {row}'
    return True


def constant_error(node: Node) -> bool:
    """Whether a part without fields fails: DuckDB computes it once, even if no row needs it."""
    parts = (part for part in walk(node) if not any(isinstance(below, Field) for below in walk(part)))
    return any(isinstance(outcome(part, {}), ERRORS) for part in parts)


@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_sql_and_python_agree(
    connection: duckdb.DuckDBPyConnection, trees: SimpleNamespace, data: st.DataObject
) -> None:
    node = data.draw(trees.any_tree)
    check(connection, node, data.draw(trees.rows_for(node)))


def test_a_cast_to_bool_hides_no_overflow(connection: duckdb.DuckDBPyConnection) -> None:
    total = build.operation('add', build.literal(1), build.literal(2**63 - 1))
    assert check(connection, build.cast(total, BOOL), [{}])


NOT_BINARY = {
    'and',
    'or',
    'not',
    'is_null',
    'is_not_null',
    'neg',
    'abs',
    'round',
    'case',
    'coalesce',
    'in_list',
    'sample_key',
}
BINARY_OPS = [op for op in OPERATIONS if op not in NOT_BINARY]


@pytest.mark.parametrize('op', BINARY_OPS)
@settings(max_examples=40)
@given(st.data())
def test_each_operation(
    connection: duckdb.DuckDBPyConnection, trees: SimpleNamespace, op: str, data: st.DataObject
) -> None:
    left, right = (data.draw(trees.leaf(data.draw(st.sampled_from(NUMBERS)))) for _ in range(2))
    node = trees.operate(op, left, right)
    assert node is not None
    assert check(connection, node, data.draw(trees.rows_for(node)))


@pytest.mark.parametrize('op', COMPARISONS)
@settings(max_examples=40)
@given(st.data())
def test_json_comparisons(
    connection: duckdb.DuckDBPyConnection, trees: SimpleNamespace, op: str, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from([*NUMBERS, Kind.STRING]))
    document = next(field for field in trees.fields if field.type.kind is Kind.JSON)
    node = trees.operate(op, *data.draw(st.permutations([document, data.draw(trees.leaf(kind))])))
    assert node is not None
    rows = [{**row, document.name: data.draw(trees.json_scalars)} for row in data.draw(trees.rows_for(node))]
    check(connection, node, rows)


@pytest.mark.parametrize('kind', KINDS)
@settings(max_examples=30)
@given(st.data())
def test_constants(
    connection: duckdb.DuckDBPyConnection, trees: SimpleNamespace, kind: Kind, data: st.DataObject
) -> None:
    value = data.draw(trees.values[kind])
    node = build.literal(value, trees.types[kind])
    assert check(connection, node, [{}])


@pytest.mark.parametrize(
    ('source', 'target'),
    [(a, b) for a, targets in build._CASTABLE.items() if a in KINDS for b in sorted(targets) if b in KINDS],
    ids=str,
)
@settings(max_examples=20)
@given(st.data())
def test_each_conversion(
    connection: duckdb.DuckDBPyConnection, trees: SimpleNamespace, source: Kind, target: Kind, data: st.DataObject
) -> None:
    node = Cast(trees.types[target], next(field for field in trees.fields if field.type.kind is source))
    check(connection, node, data.draw(trees.rows_for(node)))


def test_the_same_hour_twice_is_two_instants(connection: duckdb.DuckDBPyConnection, trees: SimpleNamespace) -> None:
    first = datetime.datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN)
    a, b = (field for field in trees.fields if field.type.kind is Kind.TIMESTAMP)
    row = {a.name: first, b.name: first.replace(fold=1)}
    for op, expected in (('eq', False), ('lt', True), ('ge', False)):
        node = trees.operate(op, a, b)
        assert node is not None
        assert of_row(node, row) is expected
        assert check(connection, node, [row])


@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_filters_keep_the_same_rows(
    connection: duckdb.DuckDBPyConnection, trees: SimpleNamespace, data: st.DataObject
) -> None:
    node = data.draw(trees.predicate)
    rows = data.draw(trees.rows_for(node))
    outcomes = [outcome(node, row) for row in rows]
    text = to_sql(node, ZONE)
    if text is None or any(isinstance(value, ERRORS) for value in outcomes):
        return
    kept = run(connection, f'SELECT position FROM batch WHERE {text}', node, rows)
    if not isinstance(kept, duckdb.Error):  # else the caller goes through Python
        expected = [index for index, value in enumerate(outcomes) if value is True]
        assert kept.column('position').to_pylist() == expected
