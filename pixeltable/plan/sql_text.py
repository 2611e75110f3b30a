"""The DuckDB statement of a run of relational steps, over a relation called `input`."""

from __future__ import annotations

from dataclasses import dataclass, field

from pixeltable.errors import ErrorCode, InternalError
from pixeltable.exprs.nodes import Node
from pixeltable.exprs.sql import identifier, to_sql
from pixeltable.plan.logical import Aggregate, Distinct, Filter, Limit, Plan, Project, Sort


@dataclass
class _Select:
    """One SELECT while it is put together; clauses are filled in the order in which SQL applies them."""

    source: str
    items: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    groups: list[str] | None = None
    order: list[str] = field(default_factory=list)
    tail: str = ''
    distinct: bool = False

    def text(self) -> str:
        parts = [f'SELECT {"DISTINCT " if self.distinct else ""}{", ".join(self.items) or "*"} FROM {self.source}']
        if self.conditions:
            parts.append('WHERE ' + ' AND '.join(self.conditions))
        if self.groups:
            parts.append('GROUP BY ' + ', '.join(self.groups))
        if self.order:
            parts.append('ORDER BY ' + ', '.join(self.order))
        return ' '.join(parts) + self.tail


def select_statement(chain: list[Plan]) -> str:
    """The steps of `chain`, from the input upwards, as one statement; a step that cannot join the last SELECT nests it."""
    select = _Select('input')
    for step in chain:
        select = _add(select, step)
    return select.text()


def _add(select: _Select, step: Plan) -> _Select:
    match step:
        case Filter(predicate=predicate):
            if select.items or select.order or select.tail:
                select = _nested(select)
            select.conditions.append(f'({_sql(predicate)})')
        case Aggregate(keys=keys, aggregates=aggregates):
            if select.items or select.order or select.tail:
                select = _nested(select)
            select.items = [f'{_sql(named.node)} AS {identifier(named.name)}' for named in (*keys, *aggregates)]
            select.groups = [str(index + 1) for index in range(len(keys))]
        case Sort(keys=keys):
            if select.items or select.order or select.tail:
                select = _nested(select)
            select.order = [
                f'{_sql(key.node)} {"ASC NULLS LAST" if key.ascending else "DESC NULLS FIRST"}' for key in keys
            ]
        case Limit(limit=limit, offset=offset):
            if select.tail:
                select = _nested(select)
            select.tail = ('' if limit is None else f' LIMIT {limit}') + (f' OFFSET {offset}' if offset else '')
        case Project(outputs=outputs):
            if select.items:
                select = _nested(select)
            select.items = [f'{_sql(output.node)} AS {identifier(output.name)}' for output in outputs]
        case Distinct():
            if select.order or select.tail:
                select = _nested(select)
            select.distinct = True
        case _:
            raise InternalError(ErrorCode.INTERNAL_ERROR, f'{type(step).__name__} is not relational.')
    return select


def _nested(select: _Select) -> _Select:
    return _Select(f'({select.text()})')


def _sql(node: Node) -> str:
    text = to_sql(node)
    if text is None:
        raise InternalError(ErrorCode.INTERNAL_ERROR, f'{node!r} should have been computed before.')
    return text
