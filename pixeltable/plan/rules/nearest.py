"""Top-k by similarity is a search, not a sort.

    Limit(Sort(x, [similarity desc, row id]), k)  →  Nearest(x, similarity, k)      for x made of filters over the scan

Expressions above that use the same similarity read the score of the search instead of computing it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.exprs.nodes import Field, Node, Similarity
from pixeltable.exprs.visit import transform
from pixeltable.exprs.windows import Ordering
from pixeltable.plan.logical import Filter, Limit, Named, Nearest, Plan, Project, Scan, Sort

SCORE = 'score'


def nearest(plan: Plan) -> Plan:
    match plan:
        case Project(input=Limit(input=Sort(input=source, keys=(key, *ties)), limit=int(limit), offset=offset) as step):
            similarity = key.node
            if not isinstance(similarity, Similarity) or key.ascending or key.nulls == 'first':
                return plan
            table = _filtered_table(source)
            if _only_by_id(ties) and table is not None:
                search: Plan = Nearest(source, similarity, SCORE, limit + offset, table)
                search = Limit(search, step.limit, offset) if offset else search
                outputs = tuple(Named(o.name, _read_score(o.node, similarity)) for o in plan.outputs)
                return Project(search, outputs)
    return plan


def _only_by_id(ties: Sequence[Ordering]) -> bool:
    """True if equal similarities keep the order of insertion, which is what a search does with them."""
    return all(isinstance(key.node, Field) and key.node.name == ROW_ID_FIELD and key.ascending for key in ties)


def _filtered_table(plan: Plan) -> int | None:
    """The number of the table, if `plan` is nothing but filters over its rows."""
    while isinstance(plan, Filter):
        plan = plan.input
    return plan.table if isinstance(plan, Scan) else None


def _read_score(node: Node, similarity: Similarity) -> Node:
    return transform(node, lambda found: Field(similarity.type, SCORE) if found == similarity else None)
