"""Wide columns are read only for the rows that remain.

    Project(Limit(Sort(Filter(Scan[a, b, c], a > 1), a), 10), [b, c])
      →  Project(Fetch(Limit(Sort(Filter(Scan[a, position], a > 1), a), 10), [b, c]), [b, c])

Applies below the lowest step that reads fields which no filter, sort or search needs.
"""

from __future__ import annotations

import dataclasses

from pixeltable.exprs.bind import fields
from pixeltable.plan.logical import POSITION, Compute, Fetch, Filter, Limit, Nearest, Plan, Project, Scan, Sort
from pixeltable.plan.tree import expressions, steps, with_inputs


def late_fields(plan: Plan) -> Plan:
    chain = steps(plan)
    scan = chain[0]
    if not isinstance(scan, Scan) or not isinstance(chain[-1], Project):
        return plan
    reducing = [index for index, step in enumerate(chain) if isinstance(step, (Filter, Limit, Nearest))]
    if not reducing or any(not isinstance(s, (Filter, Sort, Limit, Nearest, Compute)) for s in chain[1:-1]):
        return plan
    last = reducing[-1]
    while isinstance(chain[last + 1], Sort):
        last += 1  # sorting positions is cheaper than sorting rows
    available = {column.field.name for column in scan.columns}
    early = _needed_fields(chain[: last + 1]) & available
    late = (_needed_fields(chain[last + 1 :]) & available) - early
    if not late and not any(isinstance(step, Nearest) for step in chain):
        return plan
    ordered = tuple(column.field.name for column in scan.columns if column.field.name in late)
    result: Plan = dataclasses.replace(scan, fields=(*sorted(early), POSITION))
    for step in chain[1 : last + 1]:
        result = with_inputs(step, [result])
    if ordered:
        result = Fetch(result, ordered, scan.table)
    for step in chain[last + 1 :]:
        result = with_inputs(step, [result])
    return result


def _needed_fields(chain: list[Plan]) -> set[str]:
    # A search reads the embedding through its own structures, not as a field of the scan.
    return {
        name
        for step in chain
        if not isinstance(step, Nearest)
        for expression in expressions(step)
        for name in fields(expression)
    }
