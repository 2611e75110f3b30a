"""`map`, `filter` and `sort` over the items of a Json list: a Python lambda that is traced once, not run for each item."""

from __future__ import annotations

import contextvars
import inspect
from collections.abc import Callable
from typing import Any

from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.exprs import build
from pixeltable.exprs.display import display
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Element, ForEach, Node
from pixeltable.types.column_type import JSON, ColumnType, JsonList, Kind
from pixeltable.types.supertypes import common, is_json_able

_depth = contextvars.ContextVar('_depth', default=0)

Traced = Callable[[Expr], Any]


def for_each(verb: str, arg: Node, fn: Traced | None, ascending: bool = True) -> Node:
    """`arg.map(fn)`, `arg.filter(fn)` or `arg.sort(fn)`; without `fn`, items are sorted by themselves.

    Raises TYPE_MISMATCH if `arg` is no Json, INVALID_ARGUMENT if `fn` cannot be called with one item, INVALID_EXPRESSION if what
    it gives is of no use.
    """
    if arg.type.kind is not Kind.JSON:
        raise RequestError(
            ErrorCode.TYPE_MISMATCH, f'{verb}() works on Json lists; {display(arg)} is of type {arg.type}.'
        )
    element = Element(_item_type(arg.type), _depth.get(), _variable(verb, fn))
    body: Node = element if fn is None else _trace(verb, fn, element)
    if verb == 'filter' and body.type.kind is not Kind.BOOL:
        if body.type.kind is not Kind.JSON:
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION,
                f'filter() needs a Bool condition; {display(body)} is of type {body.type}.',
            )
        body = build.operation('eq', body, True)
    return ForEach(_result_type(verb, arg.type, body.type), verb, arg, body, element, ascending)


def _item_type(list_type: ColumnType) -> ColumnType:
    detail = list_type.detail
    if not isinstance(detail, JsonList):
        return JSON.with_nullable(True)
    return common((*detail.head, *([] if detail.rest is None else [detail.rest]))) or JSON.with_nullable(True)


def _result_type(verb: str, source: ColumnType, body: ColumnType) -> ColumnType:
    """A typed list stays one; of untyped Json, a value that is no list gives NULL."""
    is_list = isinstance(source.detail, JsonList)
    nullable = source.nullable or not is_list
    if verb == 'map':
        detail = JsonList((), body) if is_json_able(body) else None
    else:
        detail = JsonList((), _item_type(source)) if is_list else None
    return ColumnType(Kind.JSON, nullable, detail)


def _variable(verb: str, fn: Any) -> str:
    if fn is None:
        return 'R'
    if not callable(fn):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'{verb}() takes a function of an item, such as lambda R: R.score, not {fn!r}.'
        )
    try:
        parameters = list(inspect.signature(fn).parameters)
    except (TypeError, ValueError):  # a builtin
        return 'R'
    return parameters[0] if parameters and parameters[0].isidentifier() else 'R'


def _trace(verb: str, fn: Traced, element: Element) -> Node:
    token = _depth.set(element.depth + 1)
    try:
        return build.node(fn(Expr(element)))
    except Error:
        raise
    except Exception as error:
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION,
            f'{verb}(): the function failed: {error} It is called once, with an expression for the item, '
            'and must give an expression.',
        ) from error
    finally:
        _depth.reset(token)
