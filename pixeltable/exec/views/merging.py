"""Groups to which rows are added: where the aggregates allow it, from what the groups were and the new rows alone."""

from __future__ import annotations

import pyarrow as pa

from pixeltable.exec.views.recipe import Recipe
from pixeltable.exprs.nodes import Aggregate, Node
from pixeltable.types.column_type import Kind

_ADDED = {'count': 'sum', 'sum': 'sum', 'min': 'min', 'max': 'max'}
"""What makes of the values of two parts of a group the value of the whole."""


def is_mergeable(recipe: Recipe) -> bool:
    """Whether every column is a key or such an aggregate, all groups are there, and rows come into them by inner joins alone."""
    spec = recipe.spec
    if spec.having or recipe.core is not spec or any(join.how == 'left' for join in spec.joins):
        return False
    return all(output.name in recipe.keys or _is_additive(output.node) for output in spec.outputs or ())


def _is_additive(node: Node) -> bool:
    """Sums of floats are none: in another order they come out differently."""
    if not isinstance(node, Aggregate) or node.distinct or node.function not in _ADDED:
        return False
    return node.function != 'sum' or node.type.kind is Kind.INT


def added(recipe: Recipe, old: pa.Table, new: pa.Table) -> pa.Table:
    """The groups of `old` and `new`, each with what it has in both."""
    parts = []
    for output in recipe.spec.outputs or ():
        if isinstance(output.node, Aggregate):
            parts.append(f'{_ADDED[output.node.function]}({output.name}) AS {output.name}')
        else:
            parts.append(f'{output.name}')
    keys = ', '.join(recipe.keys)
    sql = f'SELECT {", ".join(parts)} FROM input GROUP BY {keys}'
    whole = pa.concat_tables([old.select(new.column_names), new])
    merged = pa.Table.from_batches(list(recipe.engine.context.relational.run(sql, [whole])))
    return merged.cast(new.schema)
