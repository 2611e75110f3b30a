"""What expressions must be, to stand where users put them."""

from __future__ import annotations

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Node
from pixeltable.exprs.visit import has_aggregate
from pixeltable.types.column_type import Kind


def check_boolean(predicate: Node) -> Node:
    """`predicate`, if it can filter rows."""
    check_single_row(predicate, 'where()')
    return check_condition(predicate, 'where()')


def check_condition(predicate: Node, what: str) -> Node:
    """`predicate`, if it is true or false."""
    if predicate.type.kind is not Kind.BOOL:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'{what} needs a Bool expression; {display(predicate)} is of type {predicate.type}.',
        )
    return predicate


def check_single_row(arg: Node, what: str) -> None:
    """Raises INVALID_EXPRESSION if `arg` has no value for a single row."""
    if has_aggregate(arg):
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION, f'{what} does not take an aggregate: {display(arg)}; use it in select().'
        )
