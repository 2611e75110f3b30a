"""The rules in the order in which they run. To add one: a file in `rules/`, its test, and a line here that says why there."""

from __future__ import annotations

from collections.abc import Callable

from pixeltable.plan.logical import Plan
from pixeltable.plan.rules.count_rows import count_rows
from pixeltable.plan.rules.extract_computations import extract_computations
from pixeltable.plan.rules.late_fields import late_fields
from pixeltable.plan.rules.nearest import nearest
from pixeltable.plan.rules.prune_columns import prune_columns
from pixeltable.plan.rules.push_filters import push_filters
from pixeltable.plan.rules.scan_conditions import scan_conditions
from pixeltable.plan.rules.short_ids import short_ids
from pixeltable.plan.rules.split_filters import split_filters

RULES: tuple[Callable[[Plan], Plan], ...] = (
    count_rows,  # first: what it answers needs no other rule
    nearest,  # before extract_computations, which would turn the similarity into a computed field
    push_filters,  # before the rules that look at filters over scans
    split_filters,  # before extract_computations, so that cheap conditions end up below the Python work
    scan_conditions,  # before extract_computations, which would hide what a filter says behind a computed field
    extract_computations,
    short_ids,  # after nearest, which looks at what a sort is by
    late_fields,  # after all steps exist, because it decides by which fields each of them reads
    prune_columns,  # last: what is left to read is what the scan reads
)


def optimize(plan: Plan) -> Plan:
    for rule in RULES:
        plan = rule(plan)
    return plan
