"""Aggregates that a user declares, and windows: what has a value for several rows together, besides `nodes.Aggregate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pixeltable.exprs.nodes import LATER, Aggregate, Node

Nulls = Literal['first', 'last']


class AggregatorLike(Protocol):
    """What the expression layer needs to know of a declared aggregate; `udf.Aggregate` is one."""

    @property
    def name(self) -> str:
        """The name shown to users and used to name result columns."""

    @property
    def key(self) -> str:
        """Identifies the aggregate, with its constants: equal keys, equal aggregates."""

    @property
    def start(self) -> Callable[[], Any]:
        """Makes an object with `update(...)` and `value()`, for one group."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """One key by which rows are ordered. NULL counts as the greatest value, unless `nulls` says otherwise.

    `is_short` says of an Int that all values are from 0 to below 2**32.
    """

    node: Node
    ascending: bool = True
    nulls: Nulls | None = None
    is_short: bool = field(default=False, metadata=LATER)


@dataclass(frozen=True, slots=True)
class Fold(Node):
    """A declared aggregate over a group: it is given one row after another, in the order of `order_by`, then of insertion.

    A row for which `condition` is not true is left out, and so is one with NULL for a parameter that takes none.
    """

    function: AggregatorLike = field(compare=False)
    function_key: str
    names: tuple[str, ...]
    args: tuple[Node, ...]
    skips_null: tuple[bool, ...]
    order_by: tuple[Ordering, ...] = ()
    condition: Node | None = None


@dataclass(frozen=True, slots=True)
class Collect(Node):
    """All values of `arg` in a group as one list, in order: what a `Fold` is computed from. Its type is that of the values."""

    arg: Node
    order_by: tuple[Ordering, ...]
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Frame:
    """Which rows around the current one a window sees, counted in rows; None has no end on that side."""

    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Window(Node):
    """The value of `aggregate` over the rows of the same partition that the frame holds; one value for each row."""

    aggregate: Aggregate | Fold | Ranking
    partition_by: tuple[Node, ...]
    order_by: tuple[Ordering, ...]
    frame: Frame


@dataclass(frozen=True, slots=True)
class Ranking(Node):
    """What only a window has: `row_number`, `rank`, `dense_rank`, and `lag`, `lead` of `args`: (value, offset)."""

    function: str
    args: tuple[Node, ...] = ()


def is_of_partition(node: Node) -> bool:
    """Whether `node` is a window over whole partitions, all rows of which then have the same value."""
    return isinstance(node, Window) and isinstance(node.aggregate, Aggregate) and node.frame == Frame(None, None)
