"""Conditions on one side of a join are met before the join.

    Filter(Join(x, y, x.k == y.k), x.a > 1 & y.b > 2)  →  Join(Filter(x, x.a > 1), Filter(y, y.b > 2), x.k == y.k)

An outer join keeps rows without a partner: then only conditions on the side that it keeps go below it, and of its own condition
only those on the other side. What only Python can tell of a pair of rows becomes a filter above an inner join; above an outer
join it chooses among the pairs, and brings back the rows that are left without one:

    LeftJoin(x, y, x.k == y.k & f(x.a, y.b))
      →  Pairs(LeftJoin(Windows(x, row number), Windows(y, row number), x.k == y.k), f(x.a, y.b) where there is a pair)
"""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.exprs import choices
from pixeltable.exprs.bind import fields
from pixeltable.exprs.build import conjunction
from pixeltable.exprs.nodes import Field, Node, Operation
from pixeltable.exprs.sql import to_sql
from pixeltable.exprs.visit import transform
from pixeltable.exprs.windows import Frame, Ranking, Window
from pixeltable.plan.logical import Filter, Join, Named, Pairs, Plan, Windows
from pixeltable.plan.query import How
from pixeltable.plan.rules.split_filters import conjuncts
from pixeltable.plan.tree import field_names, inputs, with_inputs
from pixeltable.types.column_type import BOOL, INT


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
    left, right, own, pairs, over = (list[Node]() for _ in range(5))
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
            (over if join.how == 'inner' else pairs).append(part)
        else:
            own.append(part)
    sides = (push_filters(_over(join.left, left)), push_filters(_over(join.right, right)))
    if predicate := conjunction(pairs):
        return _over(_pairs(*sides, join.how, conjunction(own), predicate), over)
    return _over(Join(*sides, join.how, conjunction(own)), over)


def _pairs(left: Plan, right: Plan, how: How, own: Node | None, predicate: Node) -> Plan:
    """An outer join of which `predicate` is a condition that needs pairs, and `own` the rest."""
    numbers = Field(INT.with_nullable(True), 'left_number'), Field(INT.with_nullable(True), 'right_number')
    counted = Window(INT, Ranking(INT, 'row_number'), (), (), Frame(None, 0))
    below = [Windows(side, (Named(n.name, counted),)) for side, n in zip((left, right), numbers, strict=True)]
    is_pair = [Operation(BOOL, 'is_not_null', (number,)) for number in numbers]
    chosen = choices.case(((Operation(BOOL, 'and', tuple(is_pair)), predicate),), False)
    sides = (tuple(sorted(field_names(left))), tuple(sorted(field_names(right))))
    return Pairs(Join(below[0], below[1], how, own), how, chosen, numbers, sides)


def _over(plan: Plan, predicates: Sequence[Node]) -> Plan:
    joined = conjunction(predicates)
    return plan if joined is None else Filter(plan, joined)
