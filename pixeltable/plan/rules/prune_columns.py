"""Scans read only what some step needs.

Project(Scan[all], [a])  →  Project(Scan[a], [a])
"""

from __future__ import annotations

import dataclasses

from pixeltable.plan.logical import Plan, Scan, steps
from pixeltable.plan.rules.late_fields import needed_fields, with_scan


def prune_columns(plan: Plan) -> Plan:
    chain = steps(plan)
    scan = chain[0]
    if not isinstance(scan, Scan) or scan.fields is not None:
        return plan
    available = [column.field.name for column in scan.columns]
    needed = needed_fields(chain)
    return with_scan(plan, dataclasses.replace(scan, fields=tuple(name for name in available if name in needed)))
