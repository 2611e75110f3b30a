"""Walking and rebuilding plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import is_

from pixeltable.exprs.nodes import Node
from pixeltable.plan.logical import (
    Aggregate,
    Compute,
    CountRows,
    Filter,
    FoldGroups,
    FoldRows,
    Join,
    Nearest,
    Pairs,
    Plan,
    Project,
    Scan,
    Sort,
    Union,
    Windows,
)


def inputs(plan: Plan) -> tuple[Plan, ...]:
    """The steps below."""
    if (below := getattr(plan, 'input', None)) is not None:  # most have one; this is asked fifty times a query
        return (below,)
    match plan:
        case Join(left=left, right=right):
            return left, right
        case Union(inputs=several):
            return several
    return ()


def steps(plan: Plan) -> list[Plan]:
    """The chain of steps with one input each that ends with `plan`, from the scan, join or union at its start upwards."""
    chain = [plan]
    while len(below := inputs(chain[-1])) == 1:
        chain.append(below[0])
    return chain[::-1]


def with_inputs(plan: Plan, new: Sequence[Plan]) -> Plan:
    """The same step over other inputs; `plan` itself if they are the same."""
    if all(map(is_, inputs(plan), new)):
        return plan
    match plan:
        case Scan() | CountRows():
            return plan
        case Join():
            return replace(plan, left=new[0], right=new[1])
        case Union():
            return replace(plan, inputs=tuple(new))
    return replace(plan, input=new[0])


def field_names(plan: Plan) -> frozenset[str]:
    """The fields that a step passes on."""
    match plan:
        case Scan(columns=columns):
            return frozenset(column.field.name for column in columns)
        case Project(outputs=outputs):
            return frozenset(output.name for output in outputs)
        case Aggregate(keys=keys, aggregates=aggregates):
            return frozenset(named.name for named in (*keys, *aggregates))
        case (
            Compute(outputs=outputs)
            | Windows(outputs=outputs)
            | FoldGroups(outputs=outputs)
            | FoldRows(outputs=outputs)
        ):
            return field_names(plan.input).union(output.name for output in outputs)
        case Union(inputs=several):
            return field_names(several[0])
        case Pairs(sides=(left, right)):
            return frozenset((*left, *right))
    return frozenset(name for below in inputs(plan) for name in field_names(below))


def expressions(plan: Plan) -> tuple[Node, ...]:
    """The expressions that a step itself evaluates."""
    match plan:
        case Filter(predicate=predicate):
            return (predicate,)
        case Pairs(predicate=predicate, numbers=numbers):
            return (predicate, *numbers)
        case Join(condition=condition):
            return () if condition is None else (condition,)
        case Compute(outputs=outputs) | Project(outputs=outputs) | Windows(outputs=outputs):
            return tuple(output.node for output in outputs)
        case FoldRows(outputs=outputs, partition=partition):
            return (*(output.node for output in outputs), *partition)
        case Aggregate(keys=keys, aggregates=aggregates):
            return tuple(named.node for named in (*keys, *aggregates))
        case Sort(keys=keys):
            return tuple(key.node for key in keys)
        case Nearest(similarity=similarity):
            return (similarity,)
        case _:
            return ()
