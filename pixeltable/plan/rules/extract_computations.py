"""Python work becomes a step of its own.

    Filter(x, f(a) > 1)  →  Filter(Compute(x, v0 = f(a) > 1), v0)       and likewise for sort keys, group keys and outputs

What DuckDB can evaluate stays where it is. An expression that stands in several steps is computed once, at the lowest.
"""

from __future__ import annotations

import dataclasses

from pixeltable.exprs.nodes import Aggregate as AggregateNode
from pixeltable.exprs.nodes import Field, Node
from pixeltable.exprs.sql import to_sql
from pixeltable.plan.logical import Aggregate, Compute, Filter, Named, Plan, Project, Sort
from pixeltable.plan.rules.rewrite import bottom_up


def extract_computations(plan: Plan) -> Plan:
    computed: dict[Node, Field] = {}
    return bottom_up(plan, lambda step: _rewrite(step, computed))


def _rewrite(plan: Plan, computed: dict[Node, Field]) -> Plan:
    new: list[Named] = []

    def replace(node: Node) -> Node:
        if isinstance(node, AggregateNode):
            return node if node.arg is None else dataclasses.replace(node, arg=replace(node.arg))
        if node in computed:
            return computed[node]
        if to_sql(node) is not None:
            return node
        field = computed[node] = Field(node.type, f'v{len(computed)}')
        new.append(Named(field.name, node))
        return field

    def over(source: Plan) -> Plan:
        return Compute(source, tuple(new)) if new else source

    match plan:
        case Filter(input=source, predicate=predicate):
            predicate = replace(predicate)
            return Filter(over(source), predicate)
        case Sort(input=source, keys=keys):
            keys = tuple(dataclasses.replace(key, node=replace(key.node)) for key in keys)
            return Sort(over(source), keys)
        case Project(input=source, outputs=outputs):
            outputs = tuple(Named(output.name, replace(output.node)) for output in outputs)
            result: Plan = Project(over(source), outputs)
        case Aggregate(input=source, keys=key_outputs, aggregates=aggregates):
            key_outputs = tuple(Named(key.name, replace(key.node)) for key in key_outputs)
            aggregates = tuple(Named(item.name, replace(item.node)) for item in aggregates)
            result = Aggregate(over(source), key_outputs, aggregates)
        case _:
            return plan
    computed.clear()  # a projection or grouping ends the life of the fields below it
    return result
