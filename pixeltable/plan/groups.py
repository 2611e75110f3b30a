"""Grouping: one row for each combination of keys, with aggregates that DuckDB or Python computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Aggregate as AggregateNode
from pixeltable.exprs.nodes import Field, Node
from pixeltable.exprs.visit import transform, walk
from pixeltable.exprs.windows import Collect, Fold, Ordering
from pixeltable.plan.logical import Aggregate, FoldGroups, Named, Plan

Replace = Callable[[Node], Node]


def grouped(
    plan: Plan,
    keys: Sequence[Node],
    outputs: Sequence[Named],
    order: Sequence[Ordering],
    having: Sequence[Node],
    row_ids: Sequence[Field],
) -> tuple[Plan, Replace, tuple[Field, ...]]:
    """The grouping step, the function that rewrites an expression over rows into one over groups, and the fields of the keys."""
    key_fields = {key: Field(key.type, f'key{index}') for index, key in enumerate(dict.fromkeys(keys))}
    roots = (*(output.node for output in outputs), *(key.node for key in order), *having)
    found = dict.fromkeys(node for root in roots for node in walk(root) if isinstance(node, (AggregateNode, Fold)))
    fields = {node: Field(node.type, f'aggregate{index}') for index, node in enumerate(found)}
    aggregates = [Named(field.name, node) for node, field in fields.items() if isinstance(node, AggregateNode)]
    folds, lists = [], []
    for node, field in fields.items():
        if isinstance(node, Fold):
            names = [f'{field.name}_{index}' for index in range(len(node.args))]
            aggregates += [Named(name, collect) for name, collect in zip(names, _collected(node, row_ids), strict=True)]
            folds.append(Named(field.name, node))
            lists.append(tuple(names))
    result: Plan = Aggregate(
        plan, tuple(Named(field.name, key) for key, field in key_fields.items()), tuple(aggregates)
    )
    if folds:
        result = FoldGroups(result, tuple(folds), tuple(lists))

    def replace(root: Node) -> Node:
        def rewrite(node: Node) -> Node | None:
            if isinstance(node, (AggregateNode, Fold)):
                return fields[node]
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

    return result, replace, tuple(key_fields.values())


def _collected(node: Fold, row_ids: Sequence[Field]) -> list[Collect]:
    order = (*node.order_by, *map(Ordering, row_ids))
    return [Collect(arg.type, arg, order, node.condition) for arg in node.args]
