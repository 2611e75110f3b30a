"""The stages of a query as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.exprs.display import display
from pixeltable.plan.stages import (
    CountStage,
    EvaluateStage,
    FetchStage,
    ReadStage,
    RelationalStage,
    RenameStage,
    SearchStage,
    SliceStage,
    Stage,
)


def explain(stages: Sequence[Stage], labels: dict[str, str]) -> str:
    """One numbered line a stage. `labels` gives the user's name for each field of the table."""
    return '\n'.join(f'{number}. {_line(stage, labels)}' for number, stage in enumerate(stages, 1))


def _line(stage: Stage, labels: dict[str, str]) -> str:
    match stage:
        case ReadStage(fields=fields):
            return f'read       {_names(fields, labels) or "no columns"}'
        case RelationalStage(sql=sql):
            return f'relational {sql}'
        case EvaluateStage(outputs=outputs):
            return 'evaluate   ' + ', '.join(f'{output.name} = {display(output.node)}' for output in outputs)
        case SearchStage(similarity=similarity, limit=limit):
            return f'search     {limit} nearest by {similarity.column_name}.similarity ({similarity.metric}), exact'
        case FetchStage(fields=fields):
            return f'fetch      {_names(fields, labels)}'
        case SliceStage(limit=limit, offset=offset):
            return f'slice      limit {limit}' + (f' offset {offset}' if offset else '')
        case RenameStage(columns=columns):
            return 'result     ' + ', '.join(name for name, _ in columns)
        case CountStage():
            return 'count      from the catalog'


def _names(fields: Sequence[str], labels: dict[str, str]) -> str:
    return ', '.join(f'{name} ({labels[name]})' if name in labels else name for name in fields)
