"""The plan cut into stages."""

from __future__ import annotations

from itertools import takewhile

from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.exprs.conditions import Condition, exact
from pixeltable.exprs.nodes import Field
from pixeltable.exprs.windows import Ordering, Window, is_of_partition
from pixeltable.plan.logical import (
    Aggregate,
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
    Windows,
)
from pixeltable.plan.sql_text import RELATIONAL, combined, select_statement
from pixeltable.plan.stages import (
    ArrangeStage,
    CombineStage,
    CountStage,
    EvaluateStage,
    FetchStage,
    FilterStage,
    FoldGroupsStage,
    FoldRowsStage,
    ReadStage,
    RelationalStage,
    RenameStage,
    SearchStage,
    ShareStage,
    SliceStage,
    Stage,
)
from pixeltable.plan.tree import steps
from pixeltable.types.column_type import Kind


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
    filtered = _plain_filter(rest[:1])
    if (shared := _shared(rest[0 if filtered is None else 1 :][:1])) is not None:
        before += [shared] if filtered is None else [FilterStage(filtered), shared]
        rest = rest[len(before) :]
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


_SHARED_BY = frozenset({Kind.INT, Kind.BOOL, Kind.DATE, Kind.TIMESTAMP})
"""Types of which Arrow and DuckDB agree which values are the same. Of texts there may be so many that a join is quicker."""


def _shared(steps: list[Plan]) -> ShareStage | None:
    """The stage for windows over whole partitions by one field, which leaves the rows as they are; DuckDB would join them."""
    step = steps[0] if steps else None
    if not isinstance(step, Windows) or not all(is_of_partition(output.node) for output in step.outputs):
        return None
    windows = [(output.name, output.node) for output in step.outputs if isinstance(output.node, Window)]
    match list({window.partition_by for _, window in windows}):
        case [(Field() as key,)] if key.type.kind in _SHARED_BY:
            aggregates = tuple(Named(name, window.aggregate) for name, window in windows)
            grouped = Aggregate(step.input, (Named('partition', key),), aggregates)
            return ShareStage(select_statement([grouped]), key.name, tuple(name for name, _ in windows))
    return None
