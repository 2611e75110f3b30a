"""The new value of a column in an update: a constant or an expression, checked against the type of the column."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import build, checks
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Node
from pixeltable.io.given_columns import fixed_kind
from pixeltable.media.references import to_reference
from pixeltable.types.coerce import coerce
from pixeltable.udf.arguments import accepts


def new_value(schema: Schema, column: ColumnRecord, value: Any, zone: tzinfo) -> Node:
    """`value` as an unbound expression of the column's type.

    Raises UNSUPPORTED_OPERATION for a computed or primary key column, TYPE_MISMATCH for a value of another type.
    """
    name = column.name
    kind = fixed_kind(schema, column)
    if kind is not None:
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'update(): column {name!r} is {kind} and cannot be set.')
    if not build.holds_expression(value):
        if column.type.is_media and value is not None:
            value = to_reference(value, column.type.kind, column=name, row=0)
        value = coerce(value, column.type, column=name, zone=zone, code=ErrorCode.TYPE_MISMATCH)
        return build.literal(value, column.type)
    node = build.node(value)
    checks.check_single_row(node, 'update()')
    if not accepts(column.type, node.type):
        raise RequestError(
            ErrorCode.TYPE_MISMATCH,
            f'update(): column {name!r} is of type {column.type}, and {display(node)} of type {node.type}; '
            'convert it with astype(...).',
        )
    return node if node.type.kind is column.type.kind else build.cast(node, column.type)
