"""Membership and choices between values: `isin`, `case`, `coalesce`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.build import adapted, holds_expression, literal, node, operation
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import IsIn, Literal, Node, Operation
from pixeltable.exprs.operations import result_type
from pixeltable.types.column_type import BOOL, JSON, Kind
from pixeltable.types.supertypes import common


def is_in(arg: Node, values: Any) -> Node:
    """`arg.isin(...)` of constants, expressions, or one Json expression that is a list.

    Values must be comparable with `arg`; None among them matches nothing. Nothing, not even NULL, is in an empty list, as in SQL.
    """
    if hasattr(values, '__pxt_node__'):
        within = node(values)
        type_ = result_type('in_list', (arg.type, within.type), lambda: f'{display(arg)}.isin({display(within)})')
        return Operation(type_, 'in_list', (arg, within))
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'isin() takes a list, tuple or set of values, or a Json expression, not {values!r}.',
        )
    given = [value for value in values if value is not None]
    constants = [_member(arg, value) for value in given if not holds_expression(value)]
    found: Node = IsIn(BOOL.with_nullable(arg.type.nullable and bool(constants)), arg, tuple(constants))
    expressions = [operation('eq', arg, value) for value in given if holds_expression(value)]
    if not expressions:
        return found
    alternatives = [found, *expressions] if constants else expressions
    result = alternatives[0]
    for alternative in alternatives[1:]:
        result = operation('or', result, alternative)
    return result


def _member(arg: Node, value: Any) -> Literal:
    item = literal(adapted(value, arg.type))
    result_type('eq', (arg.type, item.type), lambda: f'{display(arg)}.isin([{value!r}])')
    return item


def case(pairs: tuple[Any, ...], otherwise: Any) -> Node:
    """The value of the first pair `(condition, value)` whose condition is true."""
    conditions: list[Node] = []
    values: list[Node] = []
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'case() takes pairs of a condition and a value, not {pair!r}.'
            )
        conditions.append(node(pair[0]))
        values.append(node(pair[1]))
    if not conditions:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'case() needs at least one pair of a condition and a value.')
    for condition in conditions:
        if condition.type.kind is not Kind.BOOL:
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION,
                f'case(): a condition is a Bool expression; {display(condition)} is of type {condition.type}.',
            )
    *values, last = _without_bare_nulls([*values, node(otherwise)])
    args = tuple(arg for branch in zip(conditions, values, strict=True) for arg in branch)
    return _choice('case', (*args, last), [*values, last])


def coalesce(values: tuple[Any, ...]) -> Node:
    """The first of `values` that is not NULL."""
    if not values:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'coalesce() needs at least one value.')
    nodes = _without_bare_nulls([node(value) for value in values])
    return _choice('coalesce', tuple(nodes), nodes)


def _choice(op: str, args: tuple[Node, ...], values: list[Node]) -> Node:
    if common(value.type for value in values) is None:
        types = ' and '.join(dict.fromkeys(str(value.type.with_nullable(False)) for value in values))
        raise RequestError(
            ErrorCode.TYPE_MISMATCH,
            f'{display(Operation(JSON, op, args))}: its values are of types {types}, which have none in common; '
            'convert them with astype(...).',
        )
    return Operation(result_type(op, tuple(arg.type for arg in args), str), op, args)


def _without_bare_nulls(values: list[Node]) -> list[Node]:
    """A None takes the type of the other values."""
    typed = [value.type for value in values if not (isinstance(value, Literal) and value.value is None)]
    shared = common(typed)
    if shared is None:
        return values
    return [literal(None, shared) if isinstance(value, Literal) and value.value is None else value for value in values]
