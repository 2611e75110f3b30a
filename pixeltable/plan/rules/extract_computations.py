"""Python work becomes a step of its own.

    Filter(x, f(a) > 1)  →  Filter(Compute(x, v0 = f(a) > 1), v0)       and likewise for sort keys, group keys and outputs

What DuckDB can evaluate stays where it is. An expression that stands in several steps is computed once, at the lowest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import count

from pixeltable.exprs.bind import fields
from pixeltable.exprs.nodes import Aggregate as AggregateNode
from pixeltable.exprs.nodes import Field, Node
from pixeltable.exprs.sql import to_sql
from pixeltable.exprs.visit import children, transform, with_children
from pixeltable.exprs.windows import Collect, Fold, Window
from pixeltable.plan.logical import (
    Aggregate,
    Compute,
    Filter,
    FoldRows,
    Join,
    Named,
    Pairs,
    Plan,
    Project,
    Sort,
    Union,
    Windows,
)
from pixeltable.plan.tree import expressions, field_names, inputs, with_inputs

Computed = dict[Node, Field]


def extract_computations(plan: Plan) -> Plan:
    return _extract(plan, count())[0]


def _extract(plan: Plan, numbers: Iterator[int]) -> tuple[Plan, Computed]:
    """The rewritten step, and what was computed below it and can be read above it."""
    new = [_extract(below, numbers) for below in inputs(plan)]
    plan = with_inputs(plan, [below for below, _ in new]) if new else plan
    computed = {node: field for _, fields in new for node, field in fields.items()}
    if isinstance(plan, Union):
        return plan, {}
    if isinstance(plan, Join):
        return _sides(plan, numbers), computed
    if any(to_sql(node) is None for node in expressions(plan)):
        plan = _rewrite(plan, computed, numbers)
    # A projection, grouping or pairing ends the life of the fields below it.
    return plan, {} if isinstance(plan, (Project, Aggregate, Pairs)) else computed


def _sides(join: Join, numbers: Iterator[int]) -> Join:
    """`join` with what its condition needs of Python computed on the side that it reads."""
    if join.condition is None or to_sql(join.condition) is not None:
        return join
    sides = (field_names(join.left), field_names(join.right))
    new: tuple[list[Named], list[Named]] = ([], [])

    def rewrite(node: Node) -> Node | None:
        if to_sql(node) is not None:
            return node
        for names, found in zip(sides, new, strict=True):
            if fields(node).keys() <= names:
                found.append(Named(f'v{next(numbers)}', node))
                return Field(node.type, found[-1].name)
        return None

    condition = transform(join.condition, rewrite)
    left, right = (Compute(s, tuple(n)) if n else s for s, n in zip((join.left, join.right), new, strict=True))
    return Join(left, right, join.how, condition)


def _rewrite(plan: Plan, computed: Computed, numbers: Iterator[int]) -> Plan:
    new: list[Named] = []

    def replace(node: Node) -> Node:
        if isinstance(node, (AggregateNode, Collect, Window, Fold)):
            return with_children(node, tuple(replace(child) for child in children(node)))
        if node in computed:
            return computed[node]
        if to_sql(node) is not None:
            return node
        field = computed[node] = Field(node.type, f'v{next(numbers)}')
        new.append(Named(field.name, node))
        return field

    def each(named: tuple[Named, ...]) -> tuple[Named, ...]:
        return tuple(Named(item.name, replace(item.node)) for item in named)

    match plan:
        case Filter(predicate=predicate) | Pairs(predicate=predicate):
            plan = dataclasses.replace(plan, predicate=replace(predicate))
        case Sort(keys=keys):
            plan = Sort(plan.input, tuple(dataclasses.replace(key, node=replace(key.node)) for key in keys))
        case Project(outputs=outputs) | Windows(outputs=outputs):
            plan = dataclasses.replace(plan, outputs=each(outputs))
        case FoldRows(outputs=outputs, partition=partition):
            plan = FoldRows(plan.input, each(outputs), tuple(map(replace, partition)))
        case Aggregate(keys=keys, aggregates=aggregates):
            plan = Aggregate(plan.input, each(keys), each(aggregates))
    return with_inputs(plan, [Compute(inputs(plan)[0], tuple(new))]) if new else plan
