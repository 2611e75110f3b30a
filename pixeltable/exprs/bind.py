"""From what the user wrote to what is evaluated: column references become fields of the relation at hand.

A reference to a computed column that is not stored becomes that column's expression. What cannot be resolved is an error in the
user's words: a column of another table, or one that was dropped.
"""

from __future__ import annotations

from collections.abc import Callable

from pixeltable.errors import Error, ErrorCode, NotFoundError, RequestError
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import CellProperty, ColumnRef, Field, Node, Similarity, Template
from pixeltable.exprs.visit import transform, walk

Resolve = Callable[[ColumnRef], Node | None]
Rewrite = Callable[[Node], Node | None]

ROW_ID = 0
ROW_ID_FIELD = 'row_id'


def field_name(column_id: int) -> str:
    """The name of a column inside relations and batches; by id, so that renaming changes nothing below the API."""
    return ROW_ID_FIELD if column_id == ROW_ID else f'c{column_id}'


def property_field(column_id: int, name: str) -> str:
    """The name of the field that holds `errortype` or `errormsg`, or another part of the errors of a column."""
    return f'c{column_id}_{name}'


def window_field(column_id: int) -> str:
    """The name of the field that holds a computed column over windows, in a query that has computed it."""
    return f'w{column_id}'


def column_of(field: str) -> int | None:
    """The id of the column that has a field of this name; None for a field that is no column's."""
    number = field.removeprefix('c')
    return int(number) if number != field and number.isdigit() else None


def bind(node: Node, resolve: Resolve, rewrite_rest: Rewrite, table_path: str) -> Node:
    """`node` over fields. `resolve` gives the field or the bound expression of a column, None if the table lacks it;
    `rewrite_rest` gives what else is to be replaced, as in `transform`, and what stands for the field of an error."""

    def rewrite(found: Node) -> Node | None:
        match found:
            case ColumnRef():
                resolved = resolve(found)
                if resolved is None:
                    raise _unresolved(node, found, table_path)
                return resolved
            case CellProperty(type=type_, column=ColumnRef() as column, property=name):
                resolved = resolve(column)
                if resolved is None:
                    raise _unresolved(node, column, table_path)
                if name in ('errortype', 'errormsg'):
                    held = column.column_id if not isinstance(resolved, Field) else column_of(resolved.name)
                    field = Field(type_, property_field(held or 0, name), f'{column.name}.{name}')
                    return rewrite_rest(field) or field
                return CellProperty(type_, resolved, name)
            case _:
                return rewrite_rest(found)

    return transform(node, rewrite)


def _unresolved(root: Node, column: ColumnRef, table_path: str) -> Error:
    kind = 'f-string' if any(isinstance(part, Template) for part in walk(root)) else 'expression'
    if column.table_path == table_path:
        return NotFoundError(
            ErrorCode.COLUMN_NOT_FOUND,
            f'{kind} {display(root)}: table {table_path!r} has no column {column.name!r} any more; '
            'it was dropped, or belongs to another version of the table.',
        )
    return RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'{kind} {display(root)}: column {column.name!r} belongs to table {column.table_path!r}, '
        f'not to {table_path!r}; use columns of {table_path!r} only.',
    )


def fields(node: Node) -> dict[str, Field]:
    """The fields that a bound tree reads, by name."""
    return {found.name: found for found in walk(node) if isinstance(found, Field)}


def reads_windows(node: Node) -> bool:
    """Whether a bound tree over the fields of one table reads computed columns over windows."""
    return any(name[0] == 'w' and name[1:].isdigit() for name in fields(node))


def similarities(node: Node) -> list[Similarity]:
    return [found for found in walk(node) if isinstance(found, Similarity)]
