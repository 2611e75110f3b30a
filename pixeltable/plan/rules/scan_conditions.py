"""Scans leave out what filters above them would drop anyway.

Filter(Scan[a, b], a > 1 & f(b))  →  Filter(Scan[a, b; a > 1], a > 1 & f(b))

The filter stays: a scan drops files and row groups, and filters no rows.
"""

from __future__ import annotations

import dataclasses

from pixeltable.exprs.conditions import conditions
from pixeltable.plan.logical import Filter, Plan, Scan
from pixeltable.plan.tree import inputs, with_inputs


def scan_conditions(plan: Plan) -> Plan:
    filters: list[Filter] = []
    below = plan
    while isinstance(below, Filter):
        filters.append(below)
        below = below.input
    if not isinstance(below, Scan):
        below = with_inputs(below, [scan_conditions(each) for each in inputs(below)])
    elif filters:
        known = {column.field.name for column in below.columns}
        found = (condition for each in filters[::-1] for condition in conditions(each.predicate))
        kept = tuple(condition for condition in found if condition.field.name in known)
        below = dataclasses.replace(below, conditions=kept) if kept else below
    for each in reversed(filters):
        below = dataclasses.replace(each, input=below)
    return below
