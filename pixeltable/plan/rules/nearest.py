"""Top-k by similarity is a search, not a sort.

    Limit(Sort(x, [similarity desc]), k)  →  Nearest(x, similarity, k)      for x made of filters over the scan

Expressions above that use the same similarity read the score of the search instead of computing it again.
"""

from __future__ import annotations

from pixeltable.exprs.nodes import Field, Node, Similarity
from pixeltable.exprs.visit import transform
from pixeltable.plan.logical import Filter, Limit, Named, Nearest, Plan, Project, Scan, Sort

SCORE = 'score'


def nearest(plan: Plan) -> Plan:
    match plan:
        case Project(input=Limit(input=Sort(input=source, keys=(key,)), limit=int(limit), offset=offset) as step):
            similarity = key.node
            if isinstance(similarity, Similarity) and not key.ascending and _only_filters(source):
                search: Plan = Nearest(source, similarity, SCORE, limit + offset)
                search = Limit(search, step.limit, offset) if offset else search
                outputs = tuple(Named(o.name, _read_score(o.node, similarity)) for o in plan.outputs)
                return Project(search, outputs)
    return plan


def _only_filters(plan: Plan) -> bool:
    while isinstance(plan, Filter):
        plan = plan.input
    return isinstance(plan, Scan)


def _read_score(node: Node, similarity: Similarity) -> Node:
    return transform(node, lambda found: Field(similarity.type, SCORE) if found == similarity else None)
