"""What kind of query a view follows (see `keyed`), with all queries inside it: how it can follow depends on that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pixeltable.catalog.records import ROW_ID
from pixeltable.exec.query_columns import has_no_groups
from pixeltable.exprs.build import literal
from pixeltable.exprs.nodes import ColumnRef, Node
from pixeltable.exprs.visit import has_window
from pixeltable.plan.query import Join, QuerySpec, Source, SubQuery, TableSource, Union, queries_in


def is_of_rows(spec: QuerySpec) -> bool:
    """Whether no row of the result holds anything of more than one row of each table that was joined for it."""
    if not has_no_groups(spec) or any(map(has_window, spec.nodes)):
        return False
    return all(is_of_rows(query) for source in spec.sources for query in queries_in(source))


def is_linear(spec: QuerySpec) -> bool:
    """Whether new rows of a table add rows to the result, those that the query gives for them alone, and change no others."""
    if not is_of_rows(spec) or spec.is_limited or spec.sample is not None:
        return False
    tables = [table for source in spec.sources for table in {each.table_id for each in _tables(source)}]
    return (
        {join.how for join in spec.joins} <= {'inner', 'cross'}
        and len(set(tables)) == len(tables)  # no changed row is joined with one of the same table
        and all(is_linear(query) for source in spec.sources for query in queries_in(source))
    )


def rows_of(spec: QuerySpec) -> QuerySpec:
    """The rows that a query groups, if it does."""
    return QuerySpec(spec.source, spec.joins, (), spec.predicates, spec.sample)


def grouping(spec: QuerySpec) -> QuerySpec | None:
    """The query itself if it groups rows, or the one inside it of which it only chooses groups and columns."""
    if spec.is_limited or spec.sample is not None or any(map(has_window, spec.nodes)):
        return None
    if not has_no_groups(spec):
        return spec
    return grouping(spec.source.query) if not spec.joins and isinstance(spec.source, SubQuery) else None


def with_grouping(spec: QuerySpec, inside: QuerySpec) -> QuerySpec:
    """The query with another one in the place of its `grouping`."""
    if not has_no_groups(spec):
        return inside
    assert isinstance(spec.source, SubQuery)
    return replace(spec, source=SubQuery(spec.source.key, with_grouping(spec.source.query, inside)))


def origins(spec: QuerySpec, node: Node, within: QuerySpec | None = None) -> Iterator[Node]:
    """What an expression of a query is in the queries inside it: of a union, in each of them. Goes no deeper than `within`."""
    found = [source for source in spec.sources if isinstance(node, ColumnRef) and _key(source) == node.table_id]
    if spec is within or not found or not isinstance(node, ColumnRef) or node.column_id == ROW_ID:
        yield node
        return
    for query in queries_in(found[0]):
        yield from origins(query, (query.outputs or ())[node.column_id - 1].node, within)


def with_rows_of(spec: QuerySpec, table_id: str) -> QuerySpec:
    """The query without the parts of unions that do not read a table."""
    joins = tuple(Join(_with_rows_of(join.source, table_id), join.how, join.on) for join in spec.joins)
    return replace(spec, source=_with_rows_of(spec.source, table_id), joins=joins)


def _with_rows_of(source: Source, table_id: str) -> Source:
    match source:
        case SubQuery(key=key, query=query):
            return SubQuery(key, with_rows_of(query, table_id))
        case Union(key=key, queries=queries, distinct=distinct):
            parts = (
                with_rows_of(query, table_id)
                if _reads(query, table_id)
                else replace(query, predicates=(*query.predicates, literal(False)))
                for query in queries
            )
            return Union(key, tuple(parts), distinct) if any(_reads(query, table_id) for query in queries) else source
    return source


def _reads(spec: QuerySpec, table_id: str) -> bool:
    return any(each.table_id == table_id for each in spec.tables)


def _tables(source: Source) -> Iterator[TableSource]:
    return QuerySpec(source).tables


def _key(source: Source) -> str | None:
    return None if isinstance(source, TableSource) else source.key
