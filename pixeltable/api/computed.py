"""What a computed column can be, what the catalog keeps of it, and whether its cells are stored."""

from __future__ import annotations

import dataclasses

from pixeltable.catalog.records import ROW_ID, ColumnRecord, Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.resolve import Resolver
from pixeltable.exprs.bind import reads_windows
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import ColumnRef, Node
from pixeltable.exprs.visit import has_aggregate, has_window, walk


def is_kept(name: str, node: Node, stored: bool | None) -> bool:
    """Whether the cells of a computed column, a bound expression, are stored: not those that depend on other rows.

    Raises UNSUPPORTED_OPERATION if the user wants that.
    """
    over_rows = has_window(node) or reads_windows(node)
    if over_rows and stored:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'column {name!r} = {display(node)}: a value that depends on other rows is computed when it is read, so that it is '
            'right after every change; leave out stored=True.',
        )
    return not over_rows and stored is not False


def check_computed(name: str, node: Node) -> None:
    """Raises INVALID_EXPRESSION for what a computed column cannot be: an aggregate, or something that reads the row id."""
    if has_aggregate(node):
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION,
            f'column {name!r} = {display(node)}: an aggregate has no value for a single row; use it in select().',
        )
    if any(isinstance(found, ColumnRef) and found.column_id == ROW_ID for found in walk(node)):
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION,
            f'column {name!r} = {display(node)}: a computed column cannot read the row id, '
            'which a row only gets when it is stored.',
        )


def computed_record(resolver: Resolver, schema: Schema, record: ColumnRecord, node: Node) -> ColumnRecord:
    """`record` as that of a column of `schema` with the unbound expression `node`, whose functions are stored."""
    node = resolver.for_others(node)
    stored = resolver.encode(node, schema)
    resolver.store_functions(stored)
    return dataclasses.replace(
        record,
        type=node.type.with_nullable(True),
        value=stored.document,
        fingerprint=resolver.fingerprint(schema, node),
        depends_on=stored.depends_on,
    )
