"""The logical plan: a chain of frozen steps over bound expressions, from the scan of a table to the result columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal as OneOf

from pixeltable.errors import ErrorCode, InternalError
from pixeltable.exprs.conditions import Condition
from pixeltable.exprs.nodes import Field, Node, Similarity

POSITION = 'position'
"""The field that numbers the rows of a scan, over all its segments; `Fetch` addresses rows by it."""


@dataclass(frozen=True, slots=True)
class Named:
    """An expression and the name of the field that it becomes."""

    name: str
    node: Node


Part = OneOf['value', 'errortype', 'errormsg', 'attempts', 'input', 'traceback']
"""Of a column: its value, or what is known of its error."""


@dataclass(frozen=True, slots=True)
class ScanColumn:
    """A column that a scan reads into `field`: its values, or a part of its errors."""

    field: Field
    column_id: int
    part: Part = 'value'


@dataclass(frozen=True, slots=True)
class Scan:
    """All live rows, but for some that do not meet `conditions`. `columns` is everything that can be read; `fields` what is,
    once `prune_columns` has run."""

    columns: tuple[ScanColumn, ...]
    fields: tuple[str, ...] | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    input: Plan
    predicate: Node


@dataclass(frozen=True, slots=True)
class Compute:
    """Adds fields that only Python can compute."""

    input: Plan
    outputs: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    input: Plan
    keys: tuple[Named, ...]
    aggregates: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class SortKey:
    node: Node
    ascending: bool


@dataclass(frozen=True, slots=True)
class Sort:
    input: Plan
    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    input: Plan
    limit: int | None
    offset: int


@dataclass(frozen=True, slots=True)
class Project:
    """The result columns, and only these."""

    input: Plan
    outputs: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Distinct:
    input: Plan


@dataclass(frozen=True, slots=True)
class Nearest:
    """The `limit` rows nearest to the query of `similarity`, best first; adds the similarity as the field `score`."""

    input: Plan
    similarity: Similarity
    score: str
    limit: int


@dataclass(frozen=True, slots=True)
class Fetch:
    """Reads further fields, for the rows that are left, by their position in the scan."""

    input: Plan
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountRows:
    """One row with the number of live rows, known from the catalog alone."""

    scan: Scan
    name: str


Plan = Scan | Filter | Compute | Aggregate | Sort | Limit | Project | Distinct | Nearest | Fetch | CountRows


def input_of(plan: Plan) -> Plan | None:
    """The step below, or None for a scan."""
    return None if isinstance(plan, (Scan, CountRows)) else plan.input


def steps(plan: Plan) -> list[Plan]:
    """The chain from the scan upwards."""
    chain: list[Plan] = []
    current: Plan | None = plan
    while current is not None:
        chain.append(current)
        current = input_of(current)
    return chain[::-1]


def with_input(plan: Plan, below: Plan) -> Plan:
    """The same step over another input."""
    if isinstance(plan, (Scan, CountRows)):
        raise InternalError(ErrorCode.INTERNAL_ERROR, f'{type(plan).__name__} has no input')
    return replace(plan, input=below)


def expressions(plan: Plan) -> tuple[Node, ...]:
    """The expressions that a step itself evaluates."""
    match plan:
        case Filter(predicate=predicate):
            return (predicate,)
        case Compute(outputs=outputs) | Project(outputs=outputs):
            return tuple(output.node for output in outputs)
        case Aggregate(keys=keys, aggregates=aggregates):
            return tuple(named.node for named in (*keys, *aggregates))
        case Sort(keys=keys):
            return tuple(key.node for key in keys)
        case Nearest(similarity=similarity):
            return (similarity,)
        case _:
            return ()
