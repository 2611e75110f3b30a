"""The DuckDB statement of relational steps, over relations that other stages provide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pixeltable.errors import ErrorCode, InternalError
from pixeltable.exprs.nodes import Node
from pixeltable.exprs.sql import identifier, to_sql
from pixeltable.exprs.sql_windows import order_key
from pixeltable.exprs.windows import Window, is_of_partition
from pixeltable.plan.logical import (
    Aggregate,
    Distinct,
    Filter,
    Join,
    Limit,
    Named,
    Pairs,
    Plan,
    Project,
    Sort,
    Union,
    Windows,
)
from pixeltable.plan.tree import steps

RELATIONAL = (Filter, Aggregate, Windows, Sort, Limit, Project, Distinct, Pairs)
"""The steps that one statement can hold, above its input."""

Provide = Callable[[Plan], str]
"""Gives the name of the relation that holds the rows of a step that is not relational."""

_JOINS = {'inner': 'JOIN', 'left': 'LEFT JOIN', 'right': 'RIGHT JOIN', 'full_outer': 'FULL JOIN'}


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

    @property
    def is_plain(self) -> bool:
        return not (self.items or self.conditions or self.order or self.tail or self.distinct)


def select_statement(chain: Sequence[Plan], source: str = 'input') -> str:
    """The steps of `chain`, from the input upwards, as one statement; a step that cannot join the last SELECT nests it."""
    return _select(chain, source).text()


def combined(plan: Join | Union, provide: Provide) -> str:
    """A join or union as the source of a SELECT."""
    if isinstance(plan, Union):
        word = ' UNION ' if plan.distinct else ' UNION ALL '
        return f'({word.join(f"(SELECT * FROM {_source(each, provide)})" for each in plan.inputs)})'
    left, right = _source(plan.left, provide), _source(plan.right, provide)
    if plan.condition is None and plan.how in ('inner', 'cross'):
        return f'{left} CROSS JOIN {right}'
    return f'{left} {_JOINS[plan.how]} {right} ON {"TRUE" if plan.condition is None else _sql(plan.condition)}'


def _source(plan: Plan, provide: Provide) -> str:
    """The rows of a whole plan as something to select from: relational steps as text, all else as a relation of its own."""
    chain = steps(plan)
    start = max((index for index, step in enumerate(chain) if not isinstance(step, RELATIONAL)), default=0)
    below, rest = chain[start], chain[start + 1 :]
    select = _select(rest, combined(below, provide) if isinstance(below, (Join, Union)) else provide(below))
    if not select.is_plain:
        return f'({select.text()})'
    return f'({select.source})' if isinstance(below, Join) else select.source


def _select(chain: Sequence[Plan], source: str) -> _Select:
    select = _Select(source)
    for step in chain:
        select = _add(select, step)
    return select


def _add(select: _Select, step: Plan) -> _Select:
    match step:
        case Filter(predicate=predicate):
            if select.items or select.order or select.tail:
                select = _nested(select)
            select.conditions.append(f'({_sql(predicate)})')
        case Aggregate(keys=keys, aggregates=aggregates):
            if select.items or select.order or select.tail:
                select = _nested(select)
            select.items = [_item(named) for named in (*keys, *aggregates)]
            select.groups = [str(index + 1) for index in range(len(keys))]
        case Windows(outputs=outputs):
            whole = [output for output in outputs if is_of_partition(output.node)]
            if whole:
                select = _Select(_with_partitions(whole, _nested(select).source))
            elif select.items or select.order or select.tail:
                select = _nested(select)
            select.items = ['*', *(_item(output) for output in outputs if output not in whole)]
        case Pairs():
            select = _Select(_pairs(step, _nested(select).source))
        case Sort(keys=keys):
            if select.items or select.order or select.tail:
                select = _nested(select)
            select.order = [text for key in keys for text in order_key(key, _sql)]
        case Limit(limit=limit, offset=offset):
            if select.tail:
                select = _nested(select)
            select.tail = ('' if limit is None else f' LIMIT {limit}') + (f' OFFSET {offset}' if offset else '')
        case Project(outputs=outputs):
            if select.items:
                select = _nested(select)
            select.items = [_item(output) for output in outputs]
        case Distinct():
            if select.order or select.tail:
                select = _nested(select)
            select.distinct = True
        case _:
            raise InternalError(ErrorCode.INTERNAL_ERROR, f'{type(step).__name__} is not relational.')
    return select


def _with_partitions(outputs: Sequence[Named], source: str) -> str:
    """The rows with what all of their partition have in common, computed once for each: DuckDB would sort the rows by it."""
    by_keys: dict[tuple[Node, ...], list[Named]] = {}
    for output in outputs:
        assert isinstance(output.node, Window)
        by_keys.setdefault(output.node.partition_by, []).append(Named(output.name, output.node.aggregate))
    joins = []
    for number, (keys, aggregates) in enumerate(by_keys.items()):
        names = [f'partition{number}_{index}' for index in range(len(keys))]
        each = [*(f'{_sql(key)} AS {name}' for key, name in zip(keys, names, strict=True)), *map(_item, aggregates)]
        same = [f'{_sql(key)} IS NOT DISTINCT FROM {name}' for key, name in zip(keys, names, strict=True)]
        by = f' GROUP BY {", ".join(str(index + 1) for index in range(len(keys)))}' if keys else ''
        joins.append(f' LEFT JOIN (SELECT {", ".join(each)} FROM each_row{by}) ON {" AND ".join(same) or "TRUE"}')
    items = ', '.join(['each_row.*', *(identifier(output.name) for output in outputs)])
    return f'(WITH each_row AS MATERIALIZED (SELECT * FROM {source}) SELECT {items} FROM each_row{"".join(joins)})'


def _pairs(step: Pairs, source: str) -> str:
    """The pairs, and the rows of one side or both that are in none, each once. The rows are those of a stream: read once."""
    is_pair = _sql(step.predicate)
    columns = [[identifier(name) for name in side] for side in step.sides]
    nothing = [[f'NULL AS {name}' for name in side] for side in columns]
    parts = [f'SELECT {", ".join(columns[0] + columns[1]) or "1 AS pair"} FROM joined WHERE {is_pair}']
    kept = {'left': (0,), 'right': (1,), 'full_outer': (0, 1)}[step.how]
    for side in kept:
        number = _sql(step.numbers[side])
        items = columns[0] + nothing[1] if side == 0 else nothing[0] + columns[1]
        parts.append(
            f'SELECT {", ".join(items) or "1 AS pair"} FROM (SELECT DISTINCT ON ({number}) * FROM joined WHERE {number} NOTNULL'
            f' AND {number} NOT IN (SELECT {number} FROM joined WHERE {is_pair}))'
        )
    return f'(WITH joined AS MATERIALIZED (SELECT * FROM {source}) {" UNION ALL ".join(parts)})'


def _nested(select: _Select) -> _Select:
    return _Select(f'({select.text()})')


def _item(named: Named) -> str:
    return f'{_sql(named.node)} AS {identifier(named.name)}'


def _sql(node: Node) -> str:
    text = to_sql(node)
    if text is None:
        raise InternalError(ErrorCode.INTERNAL_ERROR, f'{node!r} should have been computed before.')
    return text
