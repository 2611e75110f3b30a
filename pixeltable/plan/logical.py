"""The logical plan: a tree of frozen steps over bound expressions, from the scans of tables to the result columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from pixeltable.exprs.conditions import Condition
from pixeltable.exprs.nodes import Field, Node, Similarity
from pixeltable.exprs.windows import Ordering
from pixeltable.plan.query import How

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
    once `prune_columns` has run. `table` is its number among the tables of the query; the names of its fields begin with
    `prefix`. `has_short_ids` says that all row ids are below 2**32."""

    columns: tuple[ScanColumn, ...]
    fields: tuple[str, ...] | None = None
    conditions: tuple[Condition, ...] = ()
    table: int = 0
    prefix: str = ''
    has_short_ids: bool = False


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
class FoldGroups:
    """Adds the values of declared aggregates over groups; `lists` names the fields that hold the arguments of each."""

    input: Plan
    outputs: tuple[Named, ...]
    lists: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Windows:
    """Adds fields that are computed over windows of rows."""

    input: Plan
    outputs: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class FoldRows:
    """Adds the running values of declared aggregates. Rows come by partition, and in order within each."""

    input: Plan
    outputs: tuple[Named, ...]
    partition: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """The pairs of rows for which `condition` is true, and, by `how`, the rows of one input or both that have no partner."""

    left: Plan
    right: Plan
    how: How
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Of the rows of an outer join only the pairs for which `predicate` is true; and, by `how`, each row of one side or both that
    is in no such pair, alone. `numbers` are the fields that number the rows of each side, whose fields `sides` names."""

    input: Plan
    how: How
    predicate: Node
    numbers: tuple[Field, Field]
    sides: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Union:
    """The rows of all inputs, which have the same fields."""

    inputs: tuple[Plan, ...]
    distinct: bool


@dataclass(frozen=True, slots=True)
class Sort:
    input: Plan
    keys: tuple[Ordering, ...]


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
    table: int = 0


@dataclass(frozen=True, slots=True)
class Fetch:
    """Reads further fields, for the rows that are left, by their position in the scan."""

    input: Plan
    fields: tuple[str, ...]
    table: int = 0


@dataclass(frozen=True, slots=True)
class CountRows:
    """One row with the number of live rows, known from the catalog alone."""

    scan: Scan
    name: str


Plan = (
    Scan
    | Filter
    | Compute
    | Aggregate
    | FoldGroups
    | Windows
    | FoldRows
    | Join
    | Pairs
    | Union
    | Sort
    | Limit
    | Project
    | Distinct
    | Nearest
    | Fetch
    | CountRows
)
