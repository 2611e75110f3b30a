"""Scans leave out what filters above them would drop anyway.

Filter(Scan[a, b], a > 1 & f(b))  →  Filter(Scan[a, b; a > 1], a > 1 & f(b))

The filter stays: a scan drops files and row groups, and filters no rows.
"""

from __future__ import annotations

import dataclasses

from pixeltable.exprs.conditions import conditions
from pixeltable.plan.logical import Filter, Plan, Scan, steps
from pixeltable.plan.rules.late_fields import with_scan


def scan_conditions(plan: Plan) -> Plan:
    chain = steps(plan)
    scan = chain[0]
    if not isinstance(scan, Scan):
        return plan
    known = {column.field.name for column in scan.columns}
    found = []
    for step in chain[1:]:
        if not isinstance(step, Filter):
            break
        found += [condition for condition in conditions(step.predicate) if condition.field.name in known]
    return with_scan(plan, dataclasses.replace(scan, conditions=tuple(found))) if found else plan
