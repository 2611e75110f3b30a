"""Top-k by similarity is a search, not a sort.

    Limit(Sort(x, [similarity desc, row id]), k)  →  Nearest(x, similarity, k)      for x made of filters over the scan

Expressions above that use the same similarity read the score of the search instead of computing it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.exprs.nodes import Field, Node, Similarity
from pixeltable.exprs.visit import transform
from pixeltable.plan.logical import Filter, Limit, Named, Nearest, Plan, Project, Scan, Sort, SortKey

SCORE = 'score'


def nearest(plan: Plan) -> Plan:
    match plan:
        case Project(input=Limit(input=Sort(input=source, keys=(key, *ties)), limit=int(limit), offset=offset) as step):
            similarity = key.node
            if not isinstance(similarity, Similarity) or key.ascending:
                return plan
            if _only_by_id(ties) and _only_filters(source):
                search: Plan = Nearest(source, similarity, SCORE, limit + offset)
                search = Limit(search, step.limit, offset) if offset else search
                outputs = tuple(Named(o.name, _read_score(o.node, similarity)) for o in plan.outputs)
                return Project(search, outputs)
    return plan


def _only_by_id(ties: Sequence[SortKey]) -> bool:
    """True if equal similarities keep the order of insertion, which is what a search does with them."""
    return all(isinstance(key.node, Field) and key.node.name == ROW_ID_FIELD and key.ascending for key in ties)


def _only_filters(plan: Plan) -> bool:
    while isinstance(plan, Filter):
        plan = plan.input
    return isinstance(plan, Scan)


def _read_score(node: Node, similarity: Similarity) -> Node:
    return transform(node, lambda found: Field(similarity.type, SCORE) if found == similarity else None)
