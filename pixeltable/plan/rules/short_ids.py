"""Sort keys that are row ids take 4 bytes where the ids are below 2**32: DuckDB sorts by keys of up to 24 bytes several times as
fast as by longer ones, and two numbers with an id of 8 bytes take 27.

    Sort(Scan[has_short_ids], [x, y, row id])  →  Sort(Scan[has_short_ids], [x, y, row id (short)])

Windows in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.exprs.nodes import Field
from pixeltable.exprs.windows import Ordering, Window
from pixeltable.plan.logical import Aggregate, Named, Plan, Project, Scan, Sort, Union, Windows
from pixeltable.plan.rules.rewrite import bottom_up
from pixeltable.plan.tree import inputs


def short_ids(plan: Plan) -> Plan:
    return bottom_up(plan, _rewrite)


def _rewrite(plan: Plan) -> Plan:
    match plan:
        case Sort(input=below, keys=keys):
            return replace(plan, keys=_marked(keys, _short(below)))
        case Windows(input=below, outputs=outputs):
            short = _short(below)
            return replace(plan, outputs=tuple(_window(output, short) for output in outputs))
    return plan


def _window(output: Named, short: frozenset[str]) -> Named:
    node = output.node
    if not isinstance(node, Window):
        return output
    return Named(output.name, replace(node, order_by=_marked(node.order_by, short)))


def _marked(keys: Iterable[Ordering], short: frozenset[str]) -> tuple[Ordering, ...]:
    return tuple(
        replace(key, is_short=True) if isinstance(key.node, Field) and key.node.name in short else key for key in keys
    )


def _short(plan: Plan) -> frozenset[str]:
    """The fields of `plan` that hold short ids."""
    match plan:
        case Scan(prefix=prefix, has_short_ids=True):
            return frozenset((prefix + ROW_ID_FIELD,))
        case Project() | Aggregate() | Union():  # fields of these are others, if of the same names
            return frozenset()
    return frozenset().union(*map(_short, inputs(plan)))
