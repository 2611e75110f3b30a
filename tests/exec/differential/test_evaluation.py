"""The evaluator, which works on batches and computes branches only where they are taken, gives what each row by itself gives;
and trees survive being stored."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from by_row import of_row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixeltable.exec.vectors import Vector
from pixeltable.exprs import build, choices
from pixeltable.exprs.bind import fields
from pixeltable.exprs.codec import decode, encode
from pixeltable.exprs.display import display
from pixeltable.exprs.each import for_each
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import ColumnRef, Field, Node
from pixeltable.exprs.visit import transform
from pixeltable.types import arrow
from pixeltable.types.column_type import JSON, Kind

Evaluate = Callable[..., list[Vector]]
UTC = ZoneInfo('UTC')
QUIET = settings(suppress_health_check=list(HealthCheck), deadline=None)


def outcome(node: Node, row: dict[str, Any]) -> str:
    try:
        return repr(of_row(node, row, UTC))
    except (OverflowError, ValueError, TypeError) as error:
        return type(error).__name__


def outcomes(vector: Vector) -> list[str]:
    return [vector.errors[row].errortype if row in vector.errors else repr(v) for row, v in enumerate(vector.values)]


def table_of(node: Node, rows: list[dict[str, Any]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The columns that `node` reads, and the rows as they come out of Arrow."""
    read = fields(node)
    columns = {name: arrow.encode([row[name] for row in rows], field.type) for name, field in read.items()}
    decoded = {name: arrow.decode(columns[name], field.type, UTC) for name, field in read.items()}
    return columns, [{name: values[index] for name, values in decoded.items()} for index in range(len(rows))]


@QUIET
@given(st.data())
def test_batches_give_what_rows_give(evaluate: Evaluate, trees: SimpleNamespace, data: st.DataObject) -> None:
    node = data.draw(trees.any_tree)
    if not fields(node):
        return
    columns, rows = table_of(node, data.draw(trees.rows_for(node)))
    (vector,) = evaluate([node], columns)
    assert outcomes(vector) == [outcome(node, row) for row in rows]


@QUIET
@given(st.data())
def test_items_are_computed_as_rows_are(evaluate: Evaluate, trees: SimpleNamespace, data: st.DataObject) -> None:
    other = data.draw(trees.leaf(Kind.INT))
    lists = Field(JSON.with_nullable(True), 'lists')

    def body(item: Expr) -> Expr:
        return Expr(choices.case(((Expr(build.operation('eq', item, other)), 1),), item))

    node = for_each('map', lists, body)
    items = st.one_of(st.none(), st.lists(trees.json_scalars, max_size=4), st.just('no list'))
    drawn = [{**row, 'lists': data.draw(items)} for row in data.draw(trees.rows_for(build.node(other)))]
    columns, rows = table_of(node, drawn)
    (vector,) = evaluate([node], columns)
    expected = []
    for row in rows:
        item = Field(JSON.with_nullable(True), 'item')
        one = body(Expr(item)).__pxt_node__
        found = row['lists'] if isinstance(row['lists'], list) else None
        expected.append(repr(None if found is None else [of_row(one, {**row, 'item': each}, UTC) for each in found]))
    assert outcomes(vector) == expected


@QUIET
@given(st.data())
def test_trees_survive_being_stored(trees: SimpleNamespace, data: st.DataObject) -> None:
    bound = data.draw(trees.any_tree)
    names = {name: number for number, name in enumerate(sorted(fields(bound)), 1)}

    def unbound(node: Node) -> Node | None:
        return ColumnRef(node.type, 't', names[node.name], node.name, 't') if isinstance(node, Field) else None

    node = transform(bound, unbound)
    found = decode(encode(node, lambda function: {}), lambda ref: ref, lambda document: None)  # type: ignore[arg-type, return-value]
    assert found == node
    assert display(found) == display(node)
