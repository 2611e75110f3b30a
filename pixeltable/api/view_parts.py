"""What a view is of: a table or a query, taken apart into what a view keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pixeltable.api.query import Query
from pixeltable.api.query_views import check_followable
from pixeltable.api.subquery import Subquery
from pixeltable.api.table import Table
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import build
from pixeltable.exprs.naming import result_names
from pixeltable.exprs.nodes import ColumnRef, Node
from pixeltable.exprs.visit import has_aggregate, has_window
from pixeltable.plan.query import QuerySpec


@dataclass(frozen=True, slots=True)
class ViewParts:
    """The table below, the conditions on its rows, the fraction and seed of a sample of them, and the columns that were selected,
    if any were: of the table by their ids, others by name and expression. A view that holds the result of a `query` is of that
    alone."""

    table: Table | None
    predicates: tuple[Node, ...] = ()
    sample: tuple[float, int | None] | None = None
    selected: tuple[int | tuple[str, Node], ...] | None = None
    query: QuerySpec | None = None


def view_parts(base: Any, verb: str, *, is_snapshot: bool, iterates: bool) -> ViewParts:
    """Takes apart what a view or snapshot is created over.

    Raises:
        RequestError: TYPE_MISMATCH for anything but a table or a query, UNSUPPORTED_OPERATION for a query with clauses that no
            view can follow, or with other clauses than `where`, `select` and `sample` where an iterator makes rows of each row.
    """
    if isinstance(base, Table):
        base._versioned(verb)
        return ViewParts(base)
    if isinstance(base, Subquery):
        base = base._query()
    if not isinstance(base, Query):
        raise RequestError(
            ErrorCode.TYPE_MISMATCH,
            f'{verb}(): base is a table or a query over one, such as t.where(…), not {base!r:.80}.',
        )
    spec, table = base._spec, base._table
    sample = spec.sample
    plain = QuerySpec(spec.source, outputs=spec.outputs, predicates=spec.predicates, sample=sample)
    over_rows = any(has_aggregate(node) or has_window(node) for node in spec.nodes)
    if (
        table is None
        or spec != plain
        or over_rows
        or (sample is not None and (sample.fraction is None or sample.strata))
    ):
        check_followable(spec, verb, is_snapshot=is_snapshot)
        for each in spec.tables:
            Table(base._session, each.table_id, each.path)._versioned(verb)
        if iterates:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{verb}(): an iterator makes rows of those of one table: create a view of the query, and one with the iterator '
                'over that.',
            )
        return ViewParts(None, query=spec)
    table._versioned(verb)
    chosen = None if sample is None or sample.fraction is None else (float(sample.fraction), sample.seed)
    if spec.outputs is None:
        return ViewParts(table, spec.predicates, chosen)
    schema = table._schema()
    names = result_names([(output.name, output.node) for output in spec.outputs])
    selected: list[int | tuple[str, Node]] = []
    for name, output in zip(names, spec.outputs, strict=True):
        node = output.node
        column_id = schema.local(node.table_id, node.column_id) if isinstance(node, ColumnRef) else None
        column = None if column_id is None else schema.by_id(column_id)
        if column is not None and column.name == name and column in schema.visible:
            selected.append(column.id)
        else:
            selected.append((name, node))
    return ViewParts(table, spec.predicates, chosen, tuple(selected))


def conjunction(predicates: tuple[Node, ...]) -> Node | None:
    """All of the conditions as one; None if there are none."""
    result: Node | None = None
    for each in predicates:
        result = each if result is None else build.operation('and', result, each)
    return result
