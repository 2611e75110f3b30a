"""What a user asked for: the clauses of a query over one table, unbound and in no order."""

from __future__ import annotations

from dataclasses import dataclass

from pixeltable.exprs.nodes import Node


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of `order_by`. NULL counts as the greatest value: last when ascending, first when descending."""

    node: Node
    ascending: bool = True


@dataclass(frozen=True, slots=True)
class Output:
    """One result column; `name` is None until the planner names it."""

    name: str | None
    node: Node


@dataclass(frozen=True, slots=True)
class QuerySpec:
    """A query. `version` is a version number of the table, or None for the current state.

    `outputs` None means all columns. `group_by` None means no grouping; an empty tuple groups all rows into one.
    """

    table_id: str
    path: str
    version: int | None = None
    outputs: tuple[Output, ...] | None = None
    predicates: tuple[Node, ...] = ()
    group_by: tuple[Node, ...] | None = None
    order_by: tuple[OrderKey, ...] = ()
    limit: int | None = None
    offset: int = 0
    distinct: bool = False
