"""What will run: the plan cut into stages, each carried out by one operator of `exec`."""

from __future__ import annotations

from dataclasses import dataclass

from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.exprs.conditions import Condition
from pixeltable.exprs.nodes import Field, Similarity
from pixeltable.plan.logical import (
    Aggregate,
    Compute,
    CountRows,
    Distinct,
    Fetch,
    Filter,
    Limit,
    Named,
    Nearest,
    Plan,
    Project,
    Scan,
    Sort,
    steps,
)
from pixeltable.plan.sql_text import select_statement


@dataclass(frozen=True, slots=True)
class ReadStage:
    """Streams fields of the table's live rows out of its segments; parts of which no row can meet `conditions` are skipped."""

    fields: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class RelationalStage:
    """One DuckDB statement over the rows of the stage before, which it calls `input`."""

    sql: str


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


@dataclass(frozen=True, slots=True)
class FetchStage:
    """Reads further fields of the remaining rows, by position."""

    fields: tuple[str, ...]


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


Stage = ReadStage | RelationalStage | EvaluateStage | SearchStage | FetchStage | SliceStage | RenameStage | CountStage


def cut(plan: Plan) -> tuple[Stage, ...]:
    """The stages of an optimised plan, in the order in which rows pass through them."""
    chain = steps(plan)
    stages: list[Stage] = []
    relational: list[Plan] = []

    def close() -> None:
        stages.extend(_relational_stages(relational))
        relational.clear()

    for index, step in enumerate(chain):
        match step:
            case Scan(fields=fields, conditions=conditions):
                if not (index + 1 < len(chain) and isinstance(chain[index + 1], Nearest)):
                    # A table needs a column to have rows.
                    stages.append(ReadStage(fields or (ROW_ID_FIELD,), conditions))
            case CountRows(name=name):
                stages.append(CountStage(name))
            case Filter() | Sort() | Limit() | Aggregate() | Distinct() | Project():
                relational.append(step)
            case Compute(outputs=outputs):
                close()
                stages.append(EvaluateStage(outputs))
            case Fetch(fields=fields):
                close()
                stages.append(FetchStage(fields))
            case Nearest(similarity=similarity, score=score, limit=limit):
                close()
                stages.append(SearchStage(similarity, score, limit))
    close()
    return tuple(stages)


def _relational_stages(chain: list[Plan]) -> list[Stage]:
    """The stages for neighbouring relational steps: no DuckDB where a slice and a renaming say it all."""
    before: list[Stage] = []
    after: list[Stage] = []
    rest = list(chain)
    if rest and isinstance(rest[-1], Project) and all(isinstance(o.node, Field) for o in rest[-1].outputs):
        outputs = rest.pop().outputs  # type: ignore[union-attr]
        after = [RenameStage(tuple((o.name, o.node.name) for o in outputs if isinstance(o.node, Field)))]
    if rest and isinstance(rest[0], Limit):
        before = [SliceStage(rest[0].limit, rest[0].offset)]
        rest.pop(0)
    middle: list[Stage] = [RelationalStage(select_statement(rest))] if rest else []
    return before + middle + after
