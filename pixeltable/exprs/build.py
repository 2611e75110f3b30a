"""Makes expression nodes out of what users write. All validation happens here, so nothing later meets a malformed tree."""

from __future__ import annotations

import contextlib
import datetime
import enum
import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import containers, templates
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import (
    Aggregate,
    Cast,
    CellProperty,
    ColumnRef,
    Literal,
    Node,
    Operation,
)
from pixeltable.exprs.operations import result_type
from pixeltable.exprs.visit import has_aggregate
from pixeltable.types import infer, json_schema
from pixeltable.types.column_type import BOOL, FLOAT, INT, JSON, MEDIA_KINDS, STRING, TIMESTAMP, ColumnType, Kind

_HINT = "; call it, or, for a key of Json that is called like a method, write j['items']"


def literal(value: Any, type_: ColumnType | None = None) -> Literal:
    """A constant node. Raises INVALID_EXPRESSION for a value that no column type can hold."""
    value = _plain(getattr(value, '__pxt_json__', value))
    if type_ is None:
        type_ = JSON if value is None else infer.of_value(value)
    if type_ is None and isinstance(value, (dict, list, tuple)):
        value = json_schema.of_models(value)
        type_ = infer.of_value(value)
    if type_ is None:
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION,
            f'{value!r} (a {type(value).__name__}) cannot be part of an expression{_hint(value)}.',
        )
    return Literal(type_.with_nullable(value is None), value, _literal_key(value))


def _hint(value: Any) -> str:
    are_functions = isinstance(value, (list, tuple)) and any(map(callable, value))
    return _HINT if callable(value) else '; a language model gets them as pxt.tools(f, g)' if are_functions else ''


def _plain(value: Any) -> Any:
    """`value` as a Python scalar, if it is a NumPy scalar or an enum member."""
    if isinstance(value, enum.Enum):
        return _plain(value.value)
    if type(value).__module__ != 'numpy':
        return value
    from pixeltable.types import scalars  # loads NumPy, which is already there

    return scalars.plain(value)


def _literal_key(value: Any) -> str:
    if hasattr(value, 'tobytes'):
        return _content_key(value)
    contents: list[str] = []

    def inside(item: Any) -> str:
        if not hasattr(item, 'tobytes'):
            return f'{type(item).__name__}:{item!r}'
        contents.append(_content_key(item))
        return contents[-1]

    try:
        return json.dumps(value, sort_keys=True)
    except (TypeError, ValueError):
        pass
    with contextlib.suppress(TypeError, ValueError):  # keys that are no text, for one
        text = json.dumps(value, sort_keys=True, default=inside)
        if contents:  # whose repr() leaves out what is in the middle
            return text
    return f'{type(value).__name__}:{value!r}'


def _content_key(value: Any) -> str:
    """Equal for equal arrays and images."""
    shape = getattr(value, 'shape', None) or (getattr(value, 'mode', None), getattr(value, 'size', None))
    return f'{type(value).__name__}{shape}{hashlib.sha256(value.tobytes()).hexdigest()}'


def node(value: Any) -> Node:
    """`value` as a node: an expression's own, a template for an f-string over expressions, or a constant."""
    if isinstance(value, Node):
        return value
    inner = getattr(value, '__pxt_node__', None)
    if isinstance(inner, Node):
        return inner
    if isinstance(value, str) and templates.MARK in value:
        return templates.parse(value)
    if isinstance(value, (list, tuple)) and any(holds_expression(item) for item in value):
        return containers.list_of(tuple(node(item) for item in value))
    if isinstance(value, dict) and any(holds_expression(item) for item in value.values()):
        return containers.dict_of(tuple(str(key) for key in value), tuple(node(item) for item in value.values()))
    return literal(value)


def holds_expression(value: Any) -> bool:
    """True if `value` is an expression, an f-string over expressions, or a list or dict with one inside."""
    if isinstance(value, str):
        return templates.MARK in value
    if isinstance(value, (list, tuple)):
        return any(holds_expression(item) for item in value)
    if isinstance(value, dict):
        return any(holds_expression(item) for item in value.values())
    return isinstance(getattr(value, '__pxt_node__', None), Node)


def operation(op: str, *operands: Any) -> Node:
    """An operation over expressions and constants; a constant takes the type of the other side where it can."""
    args = tuple(node(operand) for operand in operands)
    if op in ('eq', 'ne') and any(isinstance(arg, Literal) and arg.value is None for arg in args):
        tested = args[0] if isinstance(args[1], Literal) and args[1].value is None else args[1]
        return Operation(BOOL, 'is_null' if op == 'eq' else 'is_not_null', (tested,))
    if len(args) == 2:
        args = (_adapt(args[0], args[1]), _adapt(args[1], args[0]))
        if op in _COMPARISONS and {arg.type.kind for arg in args} == {Kind.DATE, Kind.TIMESTAMP}:
            args = tuple(map(_at_midnight, args))
        if op == 'mul' and args[1].type.kind is Kind.STRING:
            args = args[::-1]  # 2 * 'ab', as in Python
    type_ = result_type(op, tuple(arg.type for arg in args), lambda: display(Operation(BOOL, op, args)))
    if op in _DIVISIONS and isinstance(args[1], Literal) and args[1].value and type_.kind is not Kind.JSON:
        type_ = type_.with_nullable(args[0].type.nullable)  # only a division by zero gives NULL where there was none
    return Operation(type_, op, args)


_DIVISIONS = frozenset({'div', 'floordiv', 'mod'})
_COMPARISONS = frozenset({'eq', 'ne', 'lt', 'le', 'gt', 'ge'})


def _at_midnight(arg: Node) -> Node:
    """A date as the timestamp at which it begins."""
    if arg.type.kind is not Kind.DATE:
        return arg
    if isinstance(arg, Literal):
        return literal(datetime.datetime.combine(arg.value, datetime.time()))
    return Cast(TIMESTAMP.with_nullable(arg.type.nullable), arg, implied=True)


def _adapt(arg: Node, other: Node) -> Node:
    """Reads a string constant as the timestamp, date or UUID that the other side is."""
    if not isinstance(arg, Literal) or isinstance(other, Literal):
        return arg
    value = adapted(arg.value, other.type)
    return arg if value is arg.value else literal(value)


def adapted(value: Any, type_: ColumnType) -> Any:
    """`value` as a constant that compares with `type_`: ISO text for timestamps and dates, text for UUIDs."""
    if not isinstance(value, str) or type_.kind not in _PARSERS:
        return value
    try:
        return _PARSERS[type_.kind](value)
    except ValueError as error:
        raise RequestError(
            ErrorCode.TYPE_MISMATCH, f'{value!r} cannot be compared with a {type_.kind}: {error}.'
        ) from error


_PARSERS: dict[Kind, Any] = {
    Kind.TIMESTAMP: datetime.datetime.fromisoformat,
    Kind.DATE: datetime.date.fromisoformat,
    Kind.UUID: uuid.UUID,
}


_OF_TEXT = {Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.TIMESTAMP, Kind.DATE, Kind.UUID, Kind.BINARY, *MEDIA_KINDS}
_CASTABLE = {
    Kind.STRING: {*_OF_TEXT, Kind.JSON},
    Kind.INT: {Kind.FLOAT, Kind.BOOL, Kind.STRING, Kind.JSON},
    Kind.FLOAT: {Kind.INT, Kind.BOOL, Kind.STRING, Kind.JSON},
    Kind.BOOL: {Kind.INT, Kind.FLOAT, Kind.STRING, Kind.JSON},
    Kind.TIMESTAMP: {Kind.DATE, Kind.STRING, Kind.JSON},
    Kind.DATE: {Kind.TIMESTAMP, Kind.STRING, Kind.JSON},
    Kind.UUID: {Kind.STRING, Kind.BINARY, Kind.JSON},
    Kind.BINARY: {Kind.STRING, Kind.UUID, Kind.JSON},
    Kind.JSON: {*_OF_TEXT, Kind.STRING, Kind.ARRAY},
    Kind.ARRAY: {Kind.JSON},
}


def cast(arg: Node, type_: ColumnType) -> Node:
    """`arg.astype(type_)`. Raises TYPE_MISMATCH where no conversion exists."""
    if arg.type.kind is not type_.kind and type_.kind not in _CASTABLE.get(arg.type.kind, set()):
        raise RequestError(
            ErrorCode.TYPE_MISMATCH,
            f'{display(arg)}: a {arg.type.kind} cannot be converted to {type_}; write a @pxt.udf for it.',
        )
    return Cast(type_.with_nullable(type_.nullable or arg.type.nullable), arg)


def conjunction(predicates: Sequence[Node]) -> Node | None:
    """All of `predicates`, joined by `&`; None if there are none."""
    result: Node | None = None
    for predicate in predicates:
        nullable = predicate.type.nullable or (result is not None and result.type.nullable)
        result = predicate if result is None else Operation(BOOL.with_nullable(nullable), 'and', (result, predicate))
    return result


def cell_property(arg: Node, name: str) -> Node:
    """`t.col.errortype` and its like, which only stored columns have."""
    if not isinstance(arg, ColumnRef):
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION, f'{display(arg)}.{name}: only a column of a table has {name!r}.'
        )
    if name in ('fileurl', 'localpath') and arg.type.kind not in MEDIA_KINDS:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'{display(arg)}.{name}: only Image, Video, Audio and Document columns have it, and this is {arg.type}.',
        )
    return CellProperty(STRING.with_nullable(True), arg, name)


_AGGREGATABLE = {
    'sum': {Kind.INT, Kind.FLOAT, Kind.BOOL},
    'mean': {Kind.INT, Kind.FLOAT, Kind.BOOL},
    'min': {Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.STRING, Kind.TIMESTAMP, Kind.DATE},
    'max': {Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.STRING, Kind.TIMESTAMP, Kind.DATE},
}


def aggregate(function: str, arg: Node | None) -> Node:
    """`count`, `sum`, `mean`, `min` or `max` over a group. NULLs are skipped; of no value, all but `count` are NULL."""
    if arg is not None and has_aggregate(arg):
        raise RequestError(ErrorCode.INVALID_EXPRESSION, f'{function}({display(arg)}): aggregates cannot be nested.')
    if arg is None or function == 'count':
        return Aggregate(INT, 'count', arg)
    if arg.type == JSON.with_nullable(arg.type.nullable):
        arg = Cast(FLOAT.with_nullable(True), arg, implied=True)  # as a parameter that takes a number does
    if arg.type.kind not in _AGGREGATABLE[function]:
        raise RequestError(
            ErrorCode.TYPE_MISMATCH, f'{function}({display(arg)}): cannot aggregate a value of type {arg.type}.'
        )
    if function == 'mean':
        return Aggregate(FLOAT.with_nullable(True), function, arg)
    result = INT if function == 'sum' and arg.type.kind is Kind.BOOL else arg.type
    return Aggregate(result.with_nullable(True), function, arg)
