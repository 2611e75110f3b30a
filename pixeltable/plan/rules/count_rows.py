"""Counts from the catalog.

Aggregate(Scan, keys=(), aggregates=(count(),))  →  CountRows
"""

from __future__ import annotations

from pixeltable.exprs.nodes import Aggregate as AggregateNode
from pixeltable.plan.logical import Aggregate, CountRows, Plan, Scan
from pixeltable.plan.rules.rewrite import bottom_up


def count_rows(plan: Plan) -> Plan:
    return bottom_up(plan, _rewrite)


def _rewrite(plan: Plan) -> Plan:
    match plan:
        case Aggregate(input=Scan() as scan, keys=(), aggregates=(only,)):
            if isinstance(only.node, AggregateNode) and only.node.function == 'count' and only.node.arg is None:
                return CountRows(scan, only.name)
    return plan
