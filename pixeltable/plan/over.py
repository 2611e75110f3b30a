"""Windows: steps that add a field for each window which outputs and sort keys read."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pixeltable.exprs.nodes import Field, Node
from pixeltable.exprs.visit import transform, walk
from pixeltable.exprs.windows import Fold, Frame, Ordering, Ranking, Window
from pixeltable.plan.logical import FoldRows, Named, Plan, Sort, Windows


def with_windows(
    plan: Plan, outputs: Sequence[Named], keys: Sequence[Ordering], row_ids: Sequence[Field], name: str = ''
) -> tuple[Plan, list[Named], list[Ordering], bool]:
    """The plan with the steps, outputs and keys that read their fields, and whether the rows are in another order then.

    The names of the fields begin with `name`.
    """
    roots = (*(output.node for output in outputs), *(key.node for key in keys))
    found = dict.fromkeys(node for root in roots for node in walk(root) if isinstance(node, Window))
    if not found:
        return plan, list(outputs), list(keys), False
    fields: dict[Node, Field] = {node: Field(node.type, f'{name}window{index}') for index, node in enumerate(found)}

    def replace(root: Node) -> Node:
        return transform(root, fields.get)

    steps = over(plan, [Named(fields[node].name, node) for node in found], row_ids)
    outputs = [Named(output.name, replace(output.node)) for output in outputs]
    # A window that Python computes has sorted the rows, and DuckDB keeps no order when it computes one.
    return steps, outputs, [dataclasses.replace(key, node=replace(key.node)) for key in keys], True


def over(plan: Plan, windows: Sequence[Named], row_ids: Sequence[Field]) -> Plan:
    """`plan` with a field for each of `windows`."""
    relational = [each for each in windows if not _is_fold(each.node)]
    if relational:
        plan = Windows(plan, tuple(Named(each.name, _ordered(each.node, row_ids)) for each in relational))
    for each in windows:
        node = each.node
        if isinstance(node, Window) and isinstance(node.aggregate, Fold):
            keys = (*(Ordering(key) for key in node.partition_by), *node.order_by, *map(Ordering, row_ids))
            plan = FoldRows(Sort(plan, keys), (Named(each.name, node.aggregate),), node.partition_by)
    return plan


def _is_fold(node: Node) -> bool:
    return isinstance(node, Window) and isinstance(node.aggregate, Fold)


def _ordered(node: Node, row_ids: Sequence[Field]) -> Node:
    """Rows that are equal in order keep that of insertion, wherever it matters."""
    assert isinstance(node, Window)
    is_whole = node.frame == Frame(None, None) and not isinstance(node.aggregate, Ranking)
    if is_whole or (isinstance(node.aggregate, Ranking) and node.aggregate.function in ('rank', 'dense_rank')):
        return node
    return dataclasses.replace(node, order_by=(*node.order_by, *map(Ordering, row_ids)))
