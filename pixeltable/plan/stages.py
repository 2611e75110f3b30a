"""What will run: the stages of a query, each carried out by one operator of `exec`."""

from __future__ import annotations

from dataclasses import dataclass

from pixeltable.exprs.conditions import Condition
from pixeltable.exprs.nodes import Similarity
from pixeltable.plan.logical import Named


@dataclass(frozen=True, slots=True)
class ReadStage:
    """Streams fields of a table's live rows out of its segments; parts of which no row can meet `conditions` are skipped.

    `table` is the number of the table; the names of its fields get `prefix`, which those in `fields` have already.
    """

    fields: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    table: int = 0
    prefix: str = ''


@dataclass(frozen=True, slots=True)
class FilterStage:
    """Keeps the rows that meet all `conditions`: little of what DuckDB can do, without its millisecond for each statement."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class RelationalStage:
    """One DuckDB statement over the rows of the stage before, which it calls `input`."""

    sql: str


@dataclass(frozen=True, slots=True)
class CombineStage:
    """One DuckDB statement over the rows of several chains of stages, which it calls `input0`, `input1` and so on."""

    inputs: tuple[tuple[Stage, ...], ...]
    sql: str


@dataclass(frozen=True, slots=True)
class ShareStage:
    """Adds the fields `names`, in which all rows with the same `key` are alike: a DuckDB statement has each key once."""

    sql: str
    key: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoldGroupsStage:
    """Adds the values of declared aggregates, from lists of their arguments."""

    outputs: tuple[Named, ...]
    lists: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FoldRowsStage:
    """Adds the running values of declared aggregates, starting anew with each partition."""

    outputs: tuple[Named, ...]
    partition: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvaluateStage:
    """Adds fields that Python functions compute, batch by batch."""

    outputs: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class SearchStage:
    """The nearest rows to a vector, among the positions that the stage before left (or among all rows)."""

    similarity: Similarity
    score: str
    limit: int
    table: int = 0


@dataclass(frozen=True, slots=True)
class FetchStage:
    """Reads further fields of the remaining rows, by position."""

    fields: tuple[str, ...]
    table: int = 0


@dataclass(frozen=True, slots=True)
class ArrangeStage:
    """The rows in the order of their ids, which `field` holds: quicker than any sort that knows nothing of them."""

    field: str


@dataclass(frozen=True, slots=True)
class SliceStage:
    """Skips `offset` rows and stops after `limit`, so that nothing more is read."""

    limit: int | None
    offset: int


@dataclass(frozen=True, slots=True)
class RenameStage:
    """Picks and names the result columns: `(name, field)`."""

    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CountStage:
    """One row with the number of live rows, from the catalog."""

    name: str
    table: int = 0


Stage = (
    ReadStage
    | FilterStage
    | RelationalStage
    | CombineStage
    | ShareStage
    | FoldGroupsStage
    | FoldRowsStage
    | EvaluateStage
    | SearchStage
    | FetchStage
    | ArrangeStage
    | SliceStage
    | RenameStage
    | CountStage
)
