"""What a user asked for: the clauses of a query, unbound and in no order, over tables, other queries, and joins of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

from pixeltable.exprs.nodes import Node, Parameter
from pixeltable.exprs.windows import Nulls

How = OneOf['inner', 'left', 'right', 'full_outer', 'cross']


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of `order_by`. Unless `nulls` says otherwise, NULL counts as the greatest value: last when ascending, first when
    descending."""

    node: Node
    ascending: bool = True
    nulls: Nulls | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """One result column; `name` is None until the planner names it."""

    name: str | None
    node: Node


@dataclass(frozen=True, slots=True)
class TableSource:
    """A table as a source of rows. `version` is a version number of the table, or None for the current state."""

    table_id: str
    path: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class SubQuery:
    """The result of a query as a source of rows. References to its columns have `key` in the place of a table's id."""

    key: str
    query: QuerySpec


@dataclass(frozen=True, slots=True)
class Union:
    """The rows of several queries one after another, with the columns of the first; `key` as in `SubQuery`."""

    key: str
    queries: tuple[QuerySpec, ...]
    distinct: bool


Source = TableSource | SubQuery | Union


@dataclass(frozen=True, slots=True)
class Join:
    """A further source, and which of its rows belong to which of those before."""

    source: Source
    how: How
    on: Node | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A part of the rows: `n`, or `n_per_stratum`, or a `fraction`; chosen by a hash of row id and seed."""

    n: int | None
    n_per_stratum: int | None
    fraction: float | None
    seed: int
    strata: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class QuerySpec:
    """A query.

    `outputs` None means all columns. `group_by` None means no grouping; an empty tuple groups all rows into one.
    """

    source: Source
    joins: tuple[Join, ...] = ()
    outputs: tuple[Output, ...] | None = None
    predicates: tuple[Node, ...] = ()
    sample: Sample | None = None
    group_by: tuple[Node, ...] | None = None
    having: tuple[Node, ...] = ()
    order_by: tuple[OrderKey, ...] = ()
    limit: int | Parameter | None = None
    offset: int = 0
    distinct: bool = False

    @property
    def is_limited(self) -> bool:
        """Whether it leaves out rows by their place."""
        return self.limit is not None or self.offset > 0

    @property
    def sources(self) -> tuple[Source, ...]:
        return (self.source, *(join.source for join in self.joins))

    @property
    def tables(self) -> Iterator[TableSource]:
        """The tables that are read, in the order in which they are named; one may come several times."""
        for source in self.sources:
            if isinstance(source, TableSource):
                yield source
            for query in queries_in(source):
                yield from query.tables

    @property
    def nodes(self) -> Iterator[Node]:
        """Every expression of the query itself, not of those inside it."""
        yield from (output.node for output in self.outputs or ())
        yield from self.predicates
        yield from self.group_by or ()
        yield from self.having
        yield from (key.node for key in self.order_by)
        yield from (join.on for join in self.joins if join.on is not None)
        yield from self.sample.strata if self.sample else ()


def queries_in(source: Source) -> tuple[QuerySpec, ...]:
    """The queries that a source is made of; none for a table."""
    match source:
        case SubQuery(query=query):
            return (query,)
        case Union(queries=queries):
            return queries
    return ()
