"""From the clauses of a query to its logical plan. Errors here are the user's: ungrouped columns, misplaced aggregates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.exprs.build import check_single_row
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Aggregate as AggregateNode
from pixeltable.exprs.nodes import Field, Node
from pixeltable.exprs.visit import has_aggregate, transform, walk
from pixeltable.plan.logical import (
    Aggregate,
    Distinct,
    Filter,
    Limit,
    Named,
    Plan,
    Project,
    Scan,
    Sort,
    SortKey,
)
from pixeltable.plan.query import QuerySpec
from pixeltable.types.column_type import INT

Bind = Callable[[Node], Node]

_ROW_ID = Field(INT, ROW_ID_FIELD)


def build(query: QuerySpec, outputs: Sequence[Named], scan: Scan, bind: Bind, in_order: bool) -> Plan:
    """The plan of `query`, straight from its clauses; rules improve it later.

    `outputs` are the named, bound result columns. `in_order` says that the scan yields rows by id, so that no sort is needed to
    give them back in the order of insertion.
    """
    plan: Plan = scan
    for predicate in query.predicates:
        plan = Filter(plan, bind(predicate))
    keys = [SortKey(bind(key.node), key.ascending) for key in query.order_by]
    grouped = query.group_by is not None or any(has_aggregate(output.node) for output in outputs)
    if grouped:
        for key in query.group_by or ():
            check_single_row(key, 'group_by()')
        plan, replace = _aggregate(plan, [bind(key) for key in query.group_by or ()], outputs, keys)
        outputs = [Named(output.name, replace(output.node)) for output in outputs]
        keys = [SortKey(replace(key.node), key.ascending) for key in keys]
    else:
        for sort_key in query.order_by:
            check_single_row(sort_key.node, 'order_by()')
    if query.distinct:
        plan = Distinct(Project(plan, tuple(outputs)))
        keys = [SortKey(_output_field(key.node, outputs), key.ascending) for key in keys]
    elif not grouped and (keys or not in_order) and not any(key.node == _ROW_ID for key in keys):
        keys.append(SortKey(_ROW_ID, True))  # equal keys keep the order of insertion
    if keys:
        plan = Sort(plan, tuple(keys))
    if query.limit is not None or query.offset:
        plan = Limit(plan, query.limit, query.offset)
    if query.distinct:
        return Project(plan, tuple(Named(o.name, Field(o.node.type, o.name)) for o in outputs))
    return Project(plan, tuple(outputs))


def _aggregate(
    plan: Plan, keys: list[Node], outputs: Sequence[Named], order: list[SortKey]
) -> tuple[Plan, Callable[[Node], Node]]:
    """The grouping step, and the function that rewrites an expression over rows into one over groups."""
    key_fields = {key: Field(key.type, f'key{index}') for index, key in enumerate(dict.fromkeys(keys))}
    found = dict.fromkeys(
        node
        for root in (*(output.node for output in outputs), *(key.node for key in order))
        for node in walk(root)
        if isinstance(node, AggregateNode)
    )
    aggregate_fields = {node: Field(node.type, f'aggregate{index}') for index, node in enumerate(found)}
    step = Aggregate(
        plan,
        tuple(Named(field.name, key) for key, field in key_fields.items()),
        tuple(Named(field.name, node) for node, field in aggregate_fields.items()),
    )

    def replace(root: Node) -> Node:
        def rewrite(node: Node) -> Node | None:
            if isinstance(node, AggregateNode):
                return aggregate_fields[node]
            if node in key_fields:
                return key_fields[node]
            if isinstance(node, Field):
                raise RequestError(
                    ErrorCode.INVALID_EXPRESSION,
                    f'{display(root)} mixes single rows with groups: put it into group_by(), '
                    'or wrap it in an aggregate such as pxt.functions.max(...).',
                )
            return None

        return transform(root, rewrite)

    return step, replace


def _output_field(node: Node, outputs: Sequence[Named]) -> Node:
    for output in outputs:
        if output.node == node:
            return Field(node.type, output.name)
    raise RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'order_by({display(node)}) after distinct(): only selected expressions have one value for each row then.',
    )
