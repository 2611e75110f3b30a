"""The columns that sources of rows have, and what kind of rows a query gives."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pixeltable.catalog.records import ROW_ID, ColumnRecord, Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.nodes import Call, ColumnRef, InZone, Literal, Node
from pixeltable.exprs.visit import has_aggregate
from pixeltable.plan.build import is_grouped
from pixeltable.plan.query import Output, QuerySpec, Source, SubQuery, TableSource, Union
from pixeltable.types.arrow import in_zone, storage_type
from pixeltable.types.column_type import INT, ColumnType
from pixeltable.types.supertypes import common


def table_columns(schema: Schema, version: int | None = None) -> list[Output]:
    """All columns of a table as result columns."""
    return [Output(column.name, column_ref(schema, column, version)) for column in schema.visible]


def column_ref(schema: Schema, column: ColumnRecord, version: int | None = None) -> ColumnRef:
    """A column as an expression."""
    type_ = column.type.with_nullable(column.type.nullable or column.is_computed)
    return ColumnRef(type_, schema.table.id, column.id, column.name, schema.table.path, version)


def row_id_ref(table: TableSource) -> ColumnRef:
    """The ids of the rows of a table as an expression."""
    return ColumnRef(INT, table.table_id, ROW_ID, 'id', table.path, table.version)


def has_no_groups(query: QuerySpec) -> bool:
    """True if each row of the result is one row, or combination of rows, of the sources."""
    aggregates = any(has_aggregate(output.node) for output in query.outputs or ())
    return not query.distinct and not is_grouped(query) and not aggregates


def is_row_wise(query: QuerySpec) -> bool:
    """True if each row of the result is a row of one table, so that it has an id."""
    return isinstance(query.source, TableSource) and not query.joins and has_no_groups(query)


def comes_in_order(source: Source) -> bool:
    """True if the rows of a source come in an order that a limit can rely on."""
    match source:
        case SubQuery(query=query):
            is_sorted = bool(query.order_by) or query.is_limited
            return is_sorted or (not query.joins and has_no_groups(query) and comes_in_order(query.source))
        case Union(queries=queries, distinct=distinct):
            return not distinct and all(comes_in_order(SubQuery('', query)) for query in queries)
    return True


def named_columns(key: str, outputs: Sequence[Output]) -> tuple[Output, ...]:
    """The results of a query as columns of a source, whose key stands for it."""
    return tuple(
        Output(output.name, ColumnRef(output.node.type, key, number, output.name or '', ''))
        for number, output in enumerate(outputs, 1)
    )


def union_columns(key: str, parts: Sequence[Sequence[Output]]) -> tuple[Output, ...]:
    """The names of the first part, and types that hold the values of all."""
    names = [output.name or '' for output in parts[0]]
    types = [_common_type(name, each) for name, each in zip(names, zip(*parts, strict=True), strict=True)]
    columns = enumerate(zip(names, types, strict=True), 1)
    return tuple(Output(name, ColumnRef(type_, key, number, name, '')) for number, (name, type_) in columns)


def _common_type(name: str, outputs: Sequence[Output]) -> ColumnType:
    found = common(output.node.type for output in outputs)
    if found is None:
        types = ', '.join(str(output.node.type) for output in outputs)
        raise RequestError(
            ErrorCode.TYPE_MISMATCH,
            f'union(): column {name!r} would hold values of different types ({types}); convert them with astype(...).',
        )
    return found


def shown_type(node: Node) -> pa.DataType:
    """The storage type of a result; of a moment that `astimezone` moved, with that zone."""
    match node:
        case InZone(arg=arg):
            return shown_type(arg)
        case Call(function=function, args=(_, Literal(value=str(zone)))) if function.name == 'astimezone':
            is_own = getattr(function, 'module', None) == 'pixeltable.functions.timestamp'
            return (in_zone(zone) if is_own else None) or storage_type(node.type)
    return storage_type(node.type)
