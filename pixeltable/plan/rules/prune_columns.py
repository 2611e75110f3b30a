"""Steps pass on only what some step above them needs.

Project(Scan[all], [a])                                →  Project(Scan[a], [a])
Project(Join(Scan[all], Project(Scan[all], [c, d])), [a, c])  →  Project(Join(Scan[a], Project(Scan[c], [c])), [a, c])
"""

from __future__ import annotations

import dataclasses

from pixeltable.exprs.bind import fields
from pixeltable.plan.logical import (
    Aggregate,
    Distinct,
    FoldGroups,
    FoldRows,
    Nearest,
    Pairs,
    Plan,
    Project,
    Scan,
    Union,
    Windows,
)
from pixeltable.plan.tree import expressions, inputs, with_inputs

Needed = frozenset[str]


def prune_columns(plan: Plan) -> Plan:
    return _pruned(plan, None)


def _pruned(plan: Plan, needed: Needed | None) -> Plan:
    """`plan` without what only feeds fields that are not `needed`; None for all."""
    match plan:
        case Scan(columns=columns, fields=read) if read is None and needed is not None:
            return dataclasses.replace(plan, fields=tuple(c.field.name for c in columns if c.field.name in needed))
        case Scan():
            return plan
        case Project(outputs=outputs) if needed is not None:
            kept = tuple(output for output in outputs if output.name in needed) or outputs[:1]
            plan = dataclasses.replace(plan, outputs=kept)
        case Windows(outputs=outputs) | FoldRows(outputs=outputs) if needed is not None:
            kept = tuple(output for output in outputs if output.name in needed)
            if not kept:
                return _pruned(plan.input, needed)
            plan = dataclasses.replace(plan, outputs=kept)
        case Pairs(sides=(left, right)) if needed is not None:
            sides = tuple(n for n in left if n in needed), tuple(n for n in right if n in needed)
            plan = dataclasses.replace(plan, sides=sides)
        case Distinct() | Union(distinct=True):
            needed = None
        case FoldGroups(lists=lists):
            needed = None if needed is None else needed | {name for names in lists for name in names}
    own = frozenset(_read(plan))
    if isinstance(plan, (Project, Aggregate)):
        needed = own
    elif needed is not None:
        needed |= own
    return with_inputs(plan, [_pruned(below, needed) for below in inputs(plan)])


def _read(plan: Plan) -> set[str]:
    # A search reads the embedding through its own structures, not as a field of the scan.
    found = () if isinstance(plan, Nearest) else expressions(plan)
    return {name for expression in found for name in fields(expression)}
