"""Cheap conditions first.

    Filter(Filter(x, slow & cheap), cheap2)  →  Filter(Filter(x, cheap & cheap2), slow)

A condition is cheap if DuckDB can evaluate it; a slow one, which calls Python, then sees only rows that passed.
"""

from __future__ import annotations

from pixeltable.exprs.build import conjunction
from pixeltable.exprs.nodes import Node, Operation
from pixeltable.exprs.sql import to_sql
from pixeltable.plan.logical import Filter, Plan
from pixeltable.plan.rules.rewrite import bottom_up


def split_filters(plan: Plan) -> Plan:
    return bottom_up(plan, _rewrite)


def _rewrite(plan: Plan) -> Plan:
    if not isinstance(plan, Filter):
        return plan
    predicates: list[Node] = []
    below: Plan = plan
    while isinstance(below, Filter):
        predicates = [*conjuncts(below.predicate), *predicates]
        below = below.input
    for group in ([p for p in predicates if to_sql(p)], [p for p in predicates if not to_sql(p)]):
        joined = conjunction(group)
        if joined is not None:
            below = Filter(below, joined)
    return below


def conjuncts(predicate: Node) -> list[Node]:
    """The conditions that `predicate` joins with `&`."""
    if isinstance(predicate, Operation) and predicate.op == 'and':
        return [part for arg in predicate.args for part in conjuncts(arg)]
    return [predicate]
