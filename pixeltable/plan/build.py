"""From the clauses of a query to its logical plan. Errors here are the user's: ungrouped columns, misplaced aggregates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.checks import check_single_row
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Field, Node, Parameter, Similarity
from pixeltable.exprs.visit import has_aggregate
from pixeltable.exprs.windows import Nulls, Ordering
from pixeltable.plan.groups import grouped
from pixeltable.plan.logical import Distinct, Filter, Limit, Named, Plan, Project, Sort
from pixeltable.plan.over import with_windows
from pixeltable.plan.query import OrderKey, QuerySpec
from pixeltable.plan.sampling import sampled

Bind = Callable[[Node], Node]


@dataclass(frozen=True, slots=True)
class Base:
    """The rows that a query is over. `row_ids` are the fields that give the order of insertion; `in_order` says that the rows
    come in it. Rows of which that does not tell the order are told apart by `ties`, wherever it matters which come first."""

    plan: Plan
    row_ids: tuple[Field, ...] = ()
    in_order: bool = True
    ties: tuple[Node, ...] = ()


def build(query: QuerySpec, outputs: Sequence[Named], base: Base, bind: Bind) -> Plan:
    """The plan of `query`, straight from its clauses; rules improve it later. `outputs` are the named, bound result columns."""
    plan, row_ids, in_order = base.plan, base.row_ids, base.in_order
    for predicate in query.predicates:
        plan = Filter(plan, bind(predicate))
    if query.sample is not None:
        plan, in_order = sampled(plan, query.sample, row_ids, bind), False
    keys = [Ordering(bind(key.node), key.ascending, _nulls(key)) for key in query.order_by]
    in_groups = is_grouped(query) or any(has_aggregate(output.node) for output in outputs)
    if in_groups:
        for group_key in query.group_by or ():
            check_single_row(group_key, 'group_by()')
        by = [bind(key) for key in query.group_by or ()]
        having = [bind(predicate) for predicate in query.having]
        plan, replace, row_ids = grouped(plan, by, outputs, keys, having, row_ids)
        outputs = [Named(output.name, replace(output.node)) for output in outputs]
        keys = [Ordering(replace(key.node), key.ascending, key.nulls) for key in keys]
        for predicate in having:
            plan = Filter(plan, replace(predicate))
    else:
        for sort_key in query.order_by:
            check_single_row(sort_key.node, 'order_by()')
    plan, outputs, keys, sorts = with_windows(plan, outputs, keys, row_ids)
    in_order = in_order and not sorts
    if query.distinct:
        plan = Distinct(Project(plan, tuple(outputs)))
        keys = [Ordering(_output_field(key.node, outputs), key.ascending, key.nulls) for key in keys]
        keys += _others([Field(output.node.type, output.name) for output in outputs], keys) if query.is_limited else []
    elif in_groups:
        # Groups come in no order; which ones a limit keeps should not be left to chance.
        keys += _others(row_ids, keys) if query.is_limited else []
    elif keys or not in_order:
        # Equal keys keep the order of insertion.
        given = {key.node for key in keys}
        keys += [Ordering(field) for field in row_ids] if given.isdisjoint(row_ids) or len(row_ids) > 1 else []
        keys += _others(base.ties, keys)
    if keys:
        plan = Sort(plan, tuple(keys))
    if isinstance(query.limit, Parameter):
        raise RequestError(ErrorCode.MISSING_REQUIRED, f'limit(): the parameter {query.limit.name!r} has no value.')
    if query.is_limited:
        plan = Limit(plan, query.limit, query.offset)
    if query.distinct:
        return Project(plan, tuple(Named(o.name, Field(o.node.type, o.name)) for o in outputs))
    return Project(plan, tuple(outputs))


def _others(fields: Sequence[Node], keys: Sequence[Ordering]) -> list[Ordering]:
    """Keys of an order for the fields that have none."""
    given = {key.node for key in keys}
    return [Ordering(field) for field in fields if field not in given]


def is_grouped(query: QuerySpec) -> bool:
    """True if the rows of the result stand for groups, as far as the clauses say, and not the outputs alone."""
    return query.group_by is not None or bool(query.having)


def _output_field(node: Node, outputs: Sequence[Named]) -> Node:
    for output in outputs:
        if output.node == node:
            return Field(node.type, output.name)
    raise RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'order_by({display(node)}) after distinct(): only selected expressions have one value for each row then.',
    )


def _nulls(key: OrderKey) -> Nulls | None:
    """Where NULL goes: the most similar come first, and what has no similarity last, as in a search."""
    is_search = isinstance(key.node, Similarity) and not key.ascending
    return 'last' if is_search and key.nulls is None else key.nulls
