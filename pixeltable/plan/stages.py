"""What will run: the plan cut into stages, each carried out by one operator of `exec`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.exprs.conditions import Condition, exact
from pixeltable.exprs.nodes import Field, Similarity
from pixeltable.exprs.windows import Ordering
from pixeltable.plan.logical import (
    Compute,
    CountRows,
    Fetch,
    Filter,
    FoldGroups,
    FoldRows,
    Join,
    Limit,
    Named,
    Nearest,
    Plan,
    Project,
    Scan,
    Sort,
    Union,
)
from pixeltable.plan.sql_text import RELATIONAL, combined, select_statement
from pixeltable.plan.tree import steps


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


def cut(plan: Plan) -> tuple[Stage, ...]:
    """The stages of an optimised plan, in the order in which rows pass through them."""
    chain = steps(plan)
    stages: list[Stage] = []
    relational: list[Plan] = []
    if isinstance(chain[0], (Join, Union)):
        upwards = takewhile(lambda step: isinstance(step, RELATIONAL), chain[1:])
        stages.append(_combine(chain[0], above := list(upwards)))
        chain = [chain[0], *chain[1 + len(above) :]]

    for index, step in enumerate(chain):
        if isinstance(step, RELATIONAL):
            relational.append(step)
            continue
        stages += _relational_stages(relational)
        relational.clear()
        before_search = index + 1 < len(chain) and isinstance(chain[index + 1], Nearest)
        if not (isinstance(step, Scan) and before_search) and (stage := _stage(step)) is not None:
            stages.append(stage)
    return (*stages, *_relational_stages(relational))


def _stage(step: Plan) -> Stage | None:
    match step:
        case Scan(fields=fields, conditions=conditions, table=table, prefix=prefix):
            # A table needs a column to have rows.
            return ReadStage(fields or (prefix + ROW_ID_FIELD,), conditions, table, prefix)
        case CountRows(scan=scan, name=name):
            return CountStage(name, scan.table)
        case Compute(outputs=outputs):
            return EvaluateStage(outputs)
        case FoldGroups(outputs=outputs, lists=lists):
            return FoldGroupsStage(outputs, lists)
        case FoldRows(outputs=outputs, partition=partition):
            return FoldRowsStage(outputs, tuple(node.name for node in partition if isinstance(node, Field)))
        case Fetch(fields=fields, table=table):
            return FetchStage(fields, table)
        case Nearest(similarity=similarity, score=score, limit=limit, table=table):
            return SearchStage(similarity, score, limit, table)
    return None


def _combine(plan: Join | Union, above: list[Plan]) -> CombineStage:
    """The statement of a join or union and of the relational steps above it, and the stages of what it is over."""
    feeds: list[tuple[Stage, ...]] = []

    def provide(below: Plan) -> str:
        feeds.append(cut(below))
        return f'input{len(feeds) - 1}'

    source = combined(plan, provide)
    return CombineStage(tuple(feeds), select_statement(above, source))


def _relational_stages(chain: list[Plan]) -> list[Stage]:
    """The stages for neighbouring relational steps: no DuckDB where a slice and a renaming say it all."""
    before: list[Stage] = []
    after: list[Stage] = []
    rest, outputs = list(chain), tuple[Named, ...]()
    if rest and isinstance(rest[-1], Project) and all(isinstance(o.node, Field) for o in rest[-1].outputs):
        outputs = rest.pop().outputs  # type: ignore[union-attr]
        after = [RenameStage(tuple((o.name, o.node.name) for o in outputs if isinstance(o.node, Field)))]
    if after and rest and (by_id := _row_id(rest[-1])) is not None:
        sort = rest.pop()
        after = [ArrangeStage(by_id), *after]
        if rest and isinstance(sort, Sort) and _plain_filter(rest) is None:
            kept = {by_id: sort.keys[0].node} | {o.node.name: o.node for o in outputs if isinstance(o.node, Field)}
            rest.append(Project(rest[-1], tuple(Named(name, node) for name, node in kept.items())))
    if (conditions := _plain_filter(rest)) is not None:
        before.append(FilterStage(conditions))
        rest.pop(0)
    if rest and isinstance(rest[0], Limit):
        before.append(SliceStage(rest[0].limit, rest[0].offset))
        rest.pop(0)
    middle: list[Stage] = [RelationalStage(select_statement(rest))] if rest else []
    return before + middle + after


def _plain_filter(steps: list[Plan]) -> tuple[Condition, ...] | None:
    """The conditions of a filter that needs no DuckDB, if `steps` begin with one and none of them needs it."""
    if not steps or not isinstance(steps[0], Filter) or any(not isinstance(step, Limit) for step in steps[1:]):
        return None
    return exact(steps[0].predicate)


def _row_id(step: Plan) -> str | None:
    """The field, if a step sorts by the ids of rows alone."""
    match step:
        case Sort(keys=(Ordering(node=Field(name=str(name)), ascending=True, nulls=None),)) if name == ROW_ID_FIELD:
            return name
    return None
