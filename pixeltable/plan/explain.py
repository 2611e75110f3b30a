"""The stages of a query as text for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pixeltable.exprs.conditions import Condition
from pixeltable.exprs.display import display
from pixeltable.plan.stages import (
    ArrangeStage,
    CombineStage,
    CountStage,
    EvaluateStage,
    FetchStage,
    FilterStage,
    FoldGroupsStage,
    FoldRowsStage,
    ReadStage,
    RelationalStage,
    RenameStage,
    SearchStage,
    ShareStage,
    SliceStage,
    Stage,
)

_SYMBOLS = {'eq': '==', 'lt': '<', 'le': '<=', 'gt': '>', 'ge': '>='}

Coverage = Callable[[int, Sequence[Condition]], tuple[int, int]]


def explain(stages: Sequence[Stage], labels: dict[str, str], coverage: Coverage) -> str:
    """One numbered line a stage. `labels` gives the user's name for each field of the tables.

    `coverage` says how many segments of a table may hold rows that meet some conditions, and how many there are.
    """
    return '\n'.join(_lines(stages, labels, coverage, ''))


def _lines(stages: Sequence[Stage], labels: dict[str, str], coverage: Coverage, indent: str) -> Iterator[str]:
    for number, stage in enumerate(stages, 1):
        if isinstance(stage, CombineStage):
            for index, below in enumerate(stage.inputs):
                yield f'{indent}   input{index}:'
                yield from _lines(below, labels, coverage, f'{indent}     ')
        yield f'{indent}{number}. {_line(stage, labels, coverage)}'


def _line(stage: Stage, labels: dict[str, str], coverage: Coverage) -> str:
    match stage:
        case ReadStage(fields=fields, conditions=conditions, table=table):
            names = _names(fields, labels) or 'no columns'
            if not conditions:
                return f'read       {names}'
            found, all_ = coverage(table, conditions)
            return f'read       {names}; where the filter may match, in {found} of {all_} segments'
        case FilterStage(conditions=conditions):
            return f'filter     {" and ".join(_condition(condition, labels) for condition in conditions)}'
        case RelationalStage(sql=sql) | CombineStage(sql=sql):
            return f'relational {sql}'
        case ShareStage(sql=sql, key=key, names=added):
            return f'share      {", ".join(added)} by {_names([key], labels)}: {sql}'
        case EvaluateStage(outputs=outputs) | FoldGroupsStage(outputs=outputs) | FoldRowsStage(outputs=outputs):
            return 'evaluate   ' + ', '.join(f'{output.name} = {display(output.node)}' for output in outputs)
        case SearchStage(similarity=similarity, limit=limit):
            return f'search     {limit} nearest by {similarity.column_name}.similarity ({similarity.metric}), exact'
        case FetchStage(fields=fields):
            return f'fetch      {_names(fields, labels)}'
        case SliceStage(limit=limit, offset=offset):
            return f'slice      limit {limit}' + (f' offset {offset}' if offset else '')
        case ArrangeStage():
            return 'arrange    by row id'
        case RenameStage(columns=columns):
            return 'result     ' + ', '.join(name for name, _ in columns)
        case CountStage():
            return 'count      from the catalog'


def _condition(condition: Condition, labels: dict[str, str]) -> str:
    name, op = _names([condition.field.name], labels), condition.op
    if condition.divisor is not None:
        name += f' % {condition.divisor}'
    return f'{name} {_SYMBOLS.get(op, op)} {", ".join(map(repr, condition.values))}'.rstrip()


def _names(fields: Sequence[str], labels: dict[str, str]) -> str:
    return ', '.join(f'{name} ({labels[name]})' if name in labels else name for name in fields)
