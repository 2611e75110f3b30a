"""Conditions on one side of a join are met before the join.

    Filter(Join(x, y, x.k == y.k), x.a > 1 & y.b > 2)  →  Join(Filter(x, x.a > 1), Filter(y, y.b > 2), x.k == y.k)

An outer join keeps rows without a partner: then only conditions on the side that it keeps go below it, and of its own condition
only those on the other side. What only Python can tell of a pair of rows becomes a filter above the join.
"""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.bind import fields
from pixeltable.exprs.build import conjunction
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Field, Node
from pixeltable.exprs.sql import to_sql
from pixeltable.exprs.visit import transform
from pixeltable.plan.logical import Filter, Join, Plan
from pixeltable.plan.rules.split_filters import conjuncts
from pixeltable.plan.tree import field_names, inputs, with_inputs


def push_filters(plan: Plan) -> Plan:
    predicates: list[Node] = []
    below = plan
    while isinstance(below, Filter):
        predicates = [*conjuncts(below.predicate), *predicates]
        below = below.input
    if isinstance(below, Join):
        return _into_join(below, predicates)
    new = [push_filters(each) for each in inputs(below)]
    return _over(with_inputs(below, new) if new else below, predicates) if predicates else with_inputs(below, new)


def needs_pairs(node: Node, left: frozenset[str], right: frozenset[str]) -> bool:
    """True for a condition of a join that Python has to evaluate for pairs of rows: no SQL is left of it once what reads one
    side alone is computed there."""

    def one_side(found: Node) -> Node | None:
        names = fields(found).keys()
        return Field(found.type, 'side') if names <= left or names <= right else None

    return to_sql(transform(node, one_side)) is None


def _into_join(join: Join, above: Sequence[Node]) -> Plan:
    """`join` under the filter `above`, with each condition as far down as it can go."""
    left_names, right_names = field_names(join.left), field_names(join.right)
    left, right, own, over = list[Node](), list[Node](), list[Node](), list[Node]()
    for part in above:
        names = fields(part).keys()
        if names and names <= left_names and join.how in ('inner', 'cross', 'left'):
            left.append(part)
        elif names and names <= right_names and join.how in ('inner', 'cross', 'right'):
            right.append(part)
        else:
            over.append(part)
    for part in [] if join.condition is None else conjuncts(join.condition):
        names = fields(part).keys()
        if names and names <= left_names and join.how in ('inner', 'right'):
            left.append(part)
        elif names and names <= right_names and join.how in ('inner', 'left'):
            right.append(part)
        elif needs_pairs(part, left_names, right_names):
            if join.how != 'inner':
                raise _refused(part, join.how)
            over.append(part)
        else:
            own.append(part)
    sides = (push_filters(_over(join.left, left)), push_filters(_over(join.right, right)))
    return _over(Join(*sides, join.how, conjunction(own)), over)


def _refused(part: Node, how: str) -> RequestError:
    return RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'join(how={how!r}): {display(part)} can be evaluated by Python only, for pairs of rows, which an outer join cannot do; '
        'compare what is computed on each side, as in f(t.x) == g(u.y), or use how="inner".',
    )


def _over(plan: Plan, predicates: Sequence[Node]) -> Plan:
    joined = conjunction(predicates)
    return plan if joined is None else Filter(plan, joined)
