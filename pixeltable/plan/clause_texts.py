"""The clauses of a query as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Node
from pixeltable.plan.query import QuerySpec


def clause_texts(spec: QuerySpec) -> list[tuple[str, ...]]:
    """`(clause, text)` of each clause, without the result columns."""
    parts: list[tuple[str, ...]] = [
        ('Join', f'{join.how}' + ('' if join.on is None else f' on {display(join.on)}')) for join in spec.joins
    ]
    if spec.predicates:
        parts.append(('Where', _all_of(spec.predicates)))
    if spec.group_by is not None:
        parts.append(('Group By', ', '.join(display(key) for key in spec.group_by)))
    if spec.having:
        parts.append(('Having', _all_of(spec.having)))
    if spec.order_by:
        keys = (display(key.node) + ('' if key.ascending else ' desc') for key in spec.order_by)
        parts.append(('Order By', ', '.join(keys)))
    if spec.limit is not None:
        parts.append(('Limit', f'{spec.limit}' + (f' offset {spec.offset}' if spec.offset else '')))
    return parts


def _all_of(predicates: Sequence[Node]) -> str:
    if len(predicates) == 1:
        return display(predicates[0])
    return ' & '.join(f'({display(each)})' for each in predicates)
